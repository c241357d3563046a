-- since 14
-- before
CREATE FUNCTION ok(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 <> '' $$;
CREATE FUNCTION norm(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower($1) $$;
CREATE DOMAIN label AS text CHECK (ok(VALUE));
CREATE TABLE t (a text CHECK (ok(a)), b text DEFAULT norm('X'), c label);
CREATE INDEX t_n ON t (norm(a)) WHERE ok(b);
CREATE STATISTICS t_e ON (norm(a)), b FROM t;
-- rows
INSERT INTO t VALUES ('a', 'b', 'c');
-- kept
SELECT a, b, c::text FROM t
-- after
CREATE FUNCTION ok(x varchar) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT x <> '' $$;
CREATE FUNCTION norm(text) RETURNS varchar LANGUAGE sql IMMUTABLE AS $$ SELECT lower($1)::varchar $$;
CREATE DOMAIN label AS text CHECK (ok(VALUE));
CREATE TABLE t (a text CHECK (ok(a)), b text DEFAULT norm('X'), c label);
CREATE INDEX t_n ON t (norm(a)) WHERE ok(b);
CREATE STATISTICS t_e ON (norm(a)), b FROM t;
