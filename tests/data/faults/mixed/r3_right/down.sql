ALTER TABLE shared DROP COLUMN b;
INSERT INTO log (what) VALUES ('r3 down');
