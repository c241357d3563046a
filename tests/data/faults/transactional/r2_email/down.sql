ALTER TABLE accounts DROP COLUMN email;
INSERT INTO log (what) VALUES ('r2 down');
