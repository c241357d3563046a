-- before
CREATE TYPE e AS ENUM ('up', 'down');
CREATE TABLE t (a text, b int, a_old text, e e DEFAULT 'up');
CREATE TABLE one (n int);
CREATE TABLE two (n int, m int);
-- rows
INSERT INTO t VALUES ('a', 2, 'o');
INSERT INTO one VALUES (1);
INSERT INTO two VALUES (2, 3);
-- kept
SELECT (SELECT array_agg(value) FROM json_each_text(row_to_json(t)) WHERE key <> 'e'),
    (SELECT enumsortorder FROM pg_enum WHERE enumtypid = 'e'::regtype AND enumlabel = t.e::text),
    (SELECT array_agg((xpath('//n/text()', table_to_xml(c.oid, true, false, '')))[1]::text ORDER BY c.oid)
        FROM pg_class c WHERE relname IN ('one', 'two', 'three')) FROM t
-- after
CREATE TYPE e AS ENUM ('down', 'up');
CREATE TABLE t (b text, a int, a_old text, e e DEFAULT 'down');
CREATE TABLE two (n int);
CREATE TABLE three (n int, m int);
-- renames
t.a=b
t.b=a
e.up=down
e.down=up
one=two
two=three
