-- before
CREATE TABLE a (id serial, x text);
CREATE TABLE b (id serial, y int);
-- rows
INSERT INTO a (x) VALUES ('1'), ('2');
INSERT INTO b (y) SELECT generate_series(1, 100);
-- kept
SELECT nextval(pg_get_serial_sequence(name::text, 'id')) IN (3, 4, 5), pg_relation_size(name::oid) > 0
FROM (SELECT attrelid::regclass AS name FROM pg_attribute WHERE attname = 'x' AND attrelid IN ('a'::regclass, 'b'::regclass)) AS of
-- after
CREATE TABLE b (id serial, x text);
CREATE TABLE a (id serial, y int);
-- renames
a=b
b=a
