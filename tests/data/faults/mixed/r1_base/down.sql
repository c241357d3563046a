DROP TABLE shared;
INSERT INTO log (what) VALUES ('r1 down');
