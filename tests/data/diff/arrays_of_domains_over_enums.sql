-- before
CREATE TYPE e AS ENUM ('a', 'b', 'c');
CREATE DOMAIN d AS e CHECK (VALUE <> 'c');
CREATE DOMAIN ds AS d[] CHECK (cardinality(VALUE) < 5);
CREATE TABLE t (x d[] DEFAULT '{a}', y ds, z e[][] NOT NULL);
CREATE INDEX t_x ON t USING gin (z);
CREATE FUNCTION f(d[], VARIADIC e[]) RETURNS ds LANGUAGE sql AS 'SELECT $1::ds';
-- rows
INSERT INTO t VALUES ('{a,b}', '{a}', '{{a,b}}');
-- kept
SELECT x::text, y::text, z::text FROM t
-- after
CREATE TYPE e AS ENUM ('b', 'a');
CREATE DOMAIN d AS e CHECK (VALUE <> 'b' OR VALUE = 'b');
CREATE DOMAIN ds AS d[] CHECK (cardinality(VALUE) < 5);
CREATE TABLE t (x d[] DEFAULT '{a}', y ds, z e[][] NOT NULL);
CREATE INDEX t_x ON t USING gin (z);
CREATE FUNCTION f(d[], VARIADIC e[]) RETURNS ds LANGUAGE sql AS 'SELECT $1::ds';
