-- before
CREATE TYPE one AS (a int, b int);
CREATE TABLE things OF one;
-- rows
INSERT INTO things VALUES (1, 2);
-- kept
SELECT a, b FROM things
-- after
CREATE TYPE two AS (a bigint, b int, c text);
CREATE TABLE things OF two (c DEFAULT 'x');
