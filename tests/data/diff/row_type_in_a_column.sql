-- before
CREATE TABLE part (a int, b text);
CREATE TABLE whole (id int, part part, parts part[]);
CREATE FUNCTION f(part) RETURNS text LANGUAGE sql AS 'SELECT $1.b';
-- after
CREATE TABLE part (a bigint, b text);
CREATE TABLE whole (id int, part part, parts part[]);
CREATE FUNCTION f(part) RETURNS text LANGUAGE sql AS 'SELECT $1.b';
-- told
column public.part a
