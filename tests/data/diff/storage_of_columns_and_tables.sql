-- since 14
-- before
CREATE TABLE t (id int, a text, b text COMPRESSION pglz, c text COLLATE "C", d int);
ALTER TABLE t ALTER a SET STORAGE MAIN, ALTER d SET STATISTICS 50;
CREATE STATISTICS st (ndistinct) ON a, c FROM t;
ALTER STATISTICS st SET STATISTICS 10;
CREATE UNLOGGED TABLE u (id serial);
CREATE TABLE w (id int) WITH (fillfactor = 70, toast.autovacuum_enabled = off);
-- after
CREATE TABLE t (id int, a text, b text COMPRESSION pglz, c text COLLATE "POSIX", d int);
ALTER TABLE t ALTER b SET STORAGE EXTERNAL, ALTER d SET (n_distinct = -0.5);
CREATE STATISTICS st (ndistinct, mcv) ON a, c FROM t;
CREATE STATISTICS ex ON (lower(a)), d FROM t;
CREATE TABLE u (id serial);
CREATE UNLOGGED TABLE w (id int) WITH (fillfactor = 80, autovacuum_enabled = off);
CREATE INDEX w_id ON w USING brin (id) WITH (pages_per_range = 16);
