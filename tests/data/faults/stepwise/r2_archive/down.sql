--! transaction: none

INSERT INTO log (what) VALUES ('r2 down, first');
ALTER TABLE events DROP COLUMN mood;
DROP TABLE archive;
