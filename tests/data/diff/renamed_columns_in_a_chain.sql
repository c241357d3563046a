-- before
CREATE TABLE t (id int PRIMARY KEY, a text, b text, c int);
CREATE INDEX t_b ON t (b);
-- rows
INSERT INTO t VALUES (1, 'a', 'b', 3);
-- kept
SELECT * FROM t
-- after
CREATE TABLE t (id int PRIMARY KEY, b text, c text, d int);
CREATE INDEX t_b ON t (c);
-- renames
t.a=b
t.b=c
t.c=d
