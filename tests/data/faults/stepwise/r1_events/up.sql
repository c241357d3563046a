--! Events, and moods.
--!
--! parent: base

CREATE TABLE events (id integer PRIMARY KEY);
CREATE TYPE mood AS ENUM ('calm');
INSERT INTO log (what) VALUES ('r1 up');
