INSERT INTO log (what) VALUES ('r3 down');
DROP TABLE orders;
