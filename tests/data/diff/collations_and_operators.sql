-- before
CREATE COLLATION nice (provider = icu, locale = 'de', deterministic = false);
CREATE TABLE t (a text COLLATE nice, b text);
CREATE INDEX t_a ON t (a COLLATE "C" text_pattern_ops DESC);
CREATE FUNCTION near(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT abs($1 - $2) < 3';
CREATE OPERATOR ~~~ (LEFTARG = int, RIGHTARG = int, FUNCTION = near, COMMUTATOR = ~~~);
CREATE VIEW close AS SELECT 1 ~~~ 2 AS yes;
CREATE CAST (boolean AS bit) WITH INOUT AS ASSIGNMENT;
COMMENT ON OPERATOR ~~~ (int, int) IS 'close to';
-- after
CREATE COLLATION nice (provider = icu, locale = 'fr', deterministic = false);
CREATE TABLE t (a text COLLATE nice, b text COLLATE nice);
CREATE INDEX t_a ON t (a COLLATE nice);
CREATE FUNCTION near(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT abs($1 - $2) < 4';
CREATE OPERATOR ~~~ (LEFTARG = int, RIGHTARG = int, FUNCTION = near);
CREATE VIEW close AS SELECT 1 ~~~ 2 AS yes;
COMMENT ON OPERATOR ~~~ (int, int) IS 'close to';
