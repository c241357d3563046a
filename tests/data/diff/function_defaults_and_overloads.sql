-- before
CREATE TYPE kind AS ENUM ('a', 'b');
CREATE FUNCTION f(x int, k kind DEFAULT 'a') RETURNS kind LANGUAGE sql AS 'SELECT k';
CREATE FUNCTION f(x text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION g(OUT a int, OUT b text) LANGUAGE sql AS $$ SELECT 1, 'x' $$;
CREATE FUNCTION h(VARIADIC xs int[]) RETURNS TABLE (n int) LANGUAGE sql ROWS 5 AS 'SELECT unnest(xs)';
CREATE FUNCTION step(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
CREATE AGGREGATE sum_of(int) (SFUNC = step, STYPE = int, INITCOND = '0');
-- after
CREATE TYPE kind AS ENUM ('b', 'c');
CREATE FUNCTION f(x int, y kind DEFAULT 'b') RETURNS kind LANGUAGE sql IMMUTABLE STRICT AS 'SELECT y';
CREATE FUNCTION f(x text, y text DEFAULT '') RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION g(OUT a int, OUT c text) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$ SELECT 1, 'x' $$;
CREATE FUNCTION h(VARIADIC xs int[]) RETURNS TABLE (n int, m int) LANGUAGE sql AS 'SELECT unnest(xs), 1';
CREATE FUNCTION step(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT a * b';
CREATE AGGREGATE sum_of(int) (SFUNC = step, STYPE = int, INITCOND = '1');
COMMENT ON AGGREGATE sum_of(int) IS 'all';
