DROP INDEX shared_ab;
INSERT INTO log (what) VALUES ('r4 down');
