DROP TABLE accounts;
INSERT INTO log (what) VALUES ('r1 down');
