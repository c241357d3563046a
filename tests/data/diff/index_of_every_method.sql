-- since 15
-- before
CREATE TABLE t (id int, a text, b int[], c point, d tsvector, e int);
CREATE INDEX i1 ON t USING hash (a);
CREATE INDEX i2 ON t USING gin (b);
CREATE INDEX i3 ON t USING gist (c);
CREATE UNIQUE INDEX i4 ON t (a, e DESC) INCLUDE (id) NULLS NOT DISTINCT WHERE e > 0;
CREATE INDEX i5 ON t ((a || 'x'), (e * 2));
ALTER INDEX i5 ALTER COLUMN 1 SET STATISTICS 100;
CREATE UNIQUE INDEX i6 ON t (id);
ALTER TABLE t CLUSTER ON i6;
-- after
CREATE TABLE t (id int, a text, b int[], c point, d tsvector, e int);
CREATE INDEX i1 ON t USING spgist (a);
CREATE INDEX i2 ON t USING gin (b) WITH (fastupdate = off);
CREATE INDEX i3 ON t USING gist (c, d);
CREATE UNIQUE INDEX i4 ON t (a, e DESC) INCLUDE (id) WHERE e > 0;
CREATE INDEX i5 ON t ((a || 'x'), (e * 2));
ALTER INDEX i5 ALTER COLUMN 2 SET STATISTICS 100;
CREATE UNIQUE INDEX i6 ON t (id, e);
ALTER TABLE t CLUSTER ON i6;
