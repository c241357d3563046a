DROP TABLE items;
INSERT INTO log (what) VALUES ('r1 down');
