-- before
CREATE TABLE a (id int NOT NULL, v text DEFAULT 'x', CONSTRAINT pos CHECK (id > 0));
CREATE TABLE b (w int) INHERITS (a);
CREATE TABLE d (x int) INHERITS (b);
CREATE VIEW all_of AS SELECT id, v FROM a;
-- rows
INSERT INTO b VALUES (1, 'v', 2); INSERT INTO d VALUES (3, 'w', 4, 5);
-- kept
SELECT id, v FROM all_of ORDER BY id
-- after
CREATE TABLE a (id bigint NOT NULL, v varchar(20) DEFAULT 'y', z int DEFAULT 1, CONSTRAINT pos CHECK (id > -1));
CREATE TABLE b (w int) INHERITS (a);
CREATE TABLE d (x int) INHERITS (b);
CREATE VIEW all_of AS SELECT id, v FROM a;
