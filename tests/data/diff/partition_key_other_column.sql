-- before
CREATE TABLE e (id int NOT NULL, a int NOT NULL, b int NOT NULL, n serial) PARTITION BY RANGE (a);
CREATE TABLE e_1 PARTITION OF e FOR VALUES FROM (0) TO (10);
-- rows
INSERT INTO e (id, a, b) VALUES (1, 5, 5);
-- kept
SELECT tableoid::regclass, id, a, b, n FROM e ORDER BY id
-- after
CREATE TABLE e (id int NOT NULL, a int NOT NULL, b int NOT NULL, n serial) PARTITION BY RANGE (b);
CREATE TABLE e_1 PARTITION OF e FOR VALUES FROM (0) TO (10);
