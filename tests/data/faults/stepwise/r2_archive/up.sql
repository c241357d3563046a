--! The archive, statement by statement.
--!
--! parent: r1
--! transaction: none

INSERT INTO log (what) VALUES ('r2 up, first');
CREATE TABLE archive (id integer PRIMARY KEY);
ALTER TYPE mood ADD VALUE 'stormy';
ALTER TABLE events ADD COLUMN mood mood NOT NULL DEFAULT 'stormy';
INSERT INTO log (what) VALUES ('r2 up, last');
