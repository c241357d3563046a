-- before
CREATE TYPE three AS (a int, b int, c int);
CREATE TABLE triples OF three;
-- after
CREATE TYPE three AS (c int, b int, a int);
CREATE TABLE triples OF three;
-- told
relation public.triples
