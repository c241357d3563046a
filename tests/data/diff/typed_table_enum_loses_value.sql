-- before
CREATE TYPE mood AS ENUM ('a', 'b', 'c');
CREATE TYPE feeling AS (id int, mood mood);
CREATE TABLE feelings OF feeling (mood DEFAULT 'a', PRIMARY KEY (id));
CREATE VIEW felt AS SELECT * FROM feelings WHERE mood = 'a';
-- rows
INSERT INTO feelings VALUES (1, 'a'), (2, 'c');
-- kept
SELECT id, mood::text FROM feelings
-- after
CREATE TYPE mood AS ENUM ('c', 'a');
CREATE TYPE feeling AS (id int, mood mood);
CREATE TABLE feelings OF feeling (mood DEFAULT 'a', PRIMARY KEY (id));
CREATE VIEW felt AS SELECT * FROM feelings WHERE mood = 'a';
