--! Items.
--!
--! parent: base

CREATE TABLE items (a integer, b integer);
INSERT INTO items SELECT n, n FROM generate_series(1, 50) AS n;
INSERT INTO log (what) VALUES ('r1 up');
