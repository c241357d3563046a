-- since 15
-- before
CREATE SCHEMA s;
CREATE TABLE t (id int PRIMARY KEY, a int, b text);
CREATE TABLE s.u (id int PRIMARY KEY);
CREATE TABLE keyless (a int);
ALTER TABLE keyless REPLICA IDENTITY FULL;
CREATE PUBLICATION p FOR TABLE t (id, a) WHERE (a > 1), keyless;
CREATE PUBLICATION q FOR TABLES IN SCHEMA s;
CREATE PUBLICATION r FOR ALL TABLES WITH (publish = 'insert');
-- after
CREATE SCHEMA s;
CREATE TABLE t (id int PRIMARY KEY, a bigint, c text);
CREATE TABLE s.u (id int PRIMARY KEY);
CREATE TABLE keyless (a int NOT NULL);
CREATE UNIQUE INDEX keyless_a ON keyless (a);
ALTER TABLE keyless REPLICA IDENTITY USING INDEX keyless_a;
CREATE PUBLICATION p FOR TABLE t (id, a, c) WHERE (a > 1 AND id > 2), keyless WITH (publish = 'insert', publish_via_partition_root);
CREATE PUBLICATION q FOR TABLES IN SCHEMA s, TABLE t;
CREATE PUBLICATION r FOR TABLE s.u;
COMMENT ON PUBLICATION p IS 'out';
