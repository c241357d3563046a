-- before
CREATE TABLE p (id int NOT NULL, v int, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE VIEW seen AS SELECT v FROM p_1;
CREATE INDEX p_1_v ON p_1 ((v + 1)) WHERE v > 1;
CREATE TABLE base (v int, w int);
CREATE TABLE derived (x int) INHERITS (base);
CREATE VIEW deep AS SELECT v, x FROM derived;
-- after
CREATE TABLE p (id int NOT NULL, v bigint, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE VIEW seen AS SELECT v FROM p_1;
CREATE INDEX p_1_v ON p_1 ((v + 1)) WHERE v > 1;
CREATE TABLE base (v text, w int);
CREATE TABLE derived (x int) INHERITS (base);
CREATE VIEW deep AS SELECT v, x FROM derived;
