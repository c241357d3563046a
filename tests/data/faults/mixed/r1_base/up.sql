--! Both branches begin here.
--!
--! parent: base

CREATE TABLE shared (id integer PRIMARY KEY, a integer);
INSERT INTO log (what) VALUES ('r1 up');
