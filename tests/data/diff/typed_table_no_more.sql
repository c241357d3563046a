-- before
CREATE TYPE pair AS (a int, b int);
CREATE TABLE pairs OF pair (a NOT NULL);
CREATE TABLE others OF pair;
-- rows
INSERT INTO pairs VALUES (1, 2);
-- kept
SELECT a FROM pairs
-- after
CREATE TABLE pairs (a bigint NOT NULL, c text DEFAULT 'c');
CREATE TYPE pair AS (a int, b text);
CREATE TABLE others OF pair;
