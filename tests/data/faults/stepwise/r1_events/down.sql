DROP TABLE events;
DROP TYPE mood;
INSERT INTO log (what) VALUES ('r1 down');
