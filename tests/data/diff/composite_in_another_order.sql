-- before
CREATE TYPE pair AS (a int, b int);
CREATE TABLE t (p pair);
-- after
CREATE TYPE pair AS (b int, a int);
CREATE TABLE t (p pair);
-- told
type public.pair
