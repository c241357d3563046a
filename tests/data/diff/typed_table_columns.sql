-- before
CREATE TYPE person AS (id int, name varchar(20), born date, "old" text);
CREATE TABLE people OF person (PRIMARY KEY (id), name DEFAULT 'x');
CREATE VIEW names AS SELECT name FROM people;
CREATE INDEX people_name ON people (lower(name));
-- rows
INSERT INTO people VALUES (1, 'a', '2000-01-01', 'o');
-- kept
SELECT id, name, born FROM people
-- after
CREATE TYPE person AS (id bigint, name text, born date, height int);
CREATE TABLE people OF person (PRIMARY KEY (id), name DEFAULT 'x');
CREATE VIEW names AS SELECT name FROM people;
CREATE INDEX people_name ON people (lower(name));
