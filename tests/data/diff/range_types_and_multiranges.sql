-- since 14
-- before
CREATE TYPE span AS RANGE (SUBTYPE = float8);
CREATE TABLE t (s span, m span[], EXCLUDE USING gist (s WITH &&));
CREATE FUNCTION inside(span) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT NOT isempty($1)';
-- after
CREATE TYPE span AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi, MULTIRANGE_TYPE_NAME = spans);
CREATE TABLE t (s span, m span[], EXCLUDE USING gist (s WITH &&));
CREATE FUNCTION inside(span) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT NOT isempty($1)';
-- told
type public.span
