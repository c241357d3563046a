-- before
CREATE TABLE a (id int, x text DEFAULT 'a'); CREATE TABLE b (id int, y int CHECK (y > 0)); CREATE TABLE c (z int) INHERITS (a, b);
CREATE VIEW v AS SELECT id, x, z FROM c;
-- after
CREATE TABLE a (id bigint, x text DEFAULT 'a'); CREATE TABLE b (id bigint, y int CHECK (y > 1)); CREATE TABLE c (z int) INHERITS (a, b);
CREATE VIEW v AS SELECT id, x, z FROM c;
-- told
column public.c id
