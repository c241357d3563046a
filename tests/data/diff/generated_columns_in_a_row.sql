-- before
CREATE FUNCTION vat(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 0.19';
CREATE TABLE t (id int, net numeric(10,2) NOT NULL, tax numeric GENERATED ALWAYS AS (vat(net)) STORED, label text GENERATED ALWAYS AS ('n' || id::text) STORED,
    CHECK (tax > 0));
CREATE INDEX t_tax ON t (tax);
CREATE VIEW v AS SELECT id, tax FROM t;
-- rows
INSERT INTO t VALUES (1, 10);
-- kept
SELECT id, net::int FROM t
-- after
CREATE FUNCTION vat(numeric, int DEFAULT 2) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 0.21 + $2';
CREATE TABLE t (id bigint, net numeric(12,3) NOT NULL, tax numeric GENERATED ALWAYS AS (vat(net, 1)) STORED, label text,
    CHECK (tax > 0));
CREATE INDEX t_tax ON t (tax);
CREATE VIEW v AS SELECT id, tax FROM t;
