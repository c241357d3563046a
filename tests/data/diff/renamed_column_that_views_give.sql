-- since 14
-- before
CREATE TABLE users (id int PRIMARY KEY, name text, other text);
CREATE VIEW follows AS SELECT id, name FROM users;
CREATE VIEW follows_that AS SELECT name FROM follows;
CREATE VIEW stays AS SELECT DISTINCT name FROM users;
CREATE VIEW is_called_so AS SELECT name AS full_name, other AS name FROM users;
CREATE VIEW within AS SELECT id FROM users WHERE other IN (SELECT name FROM users);
CREATE VIEW two AS SELECT name FROM users UNION ALL SELECT other FROM users;
CREATE MATERIALIZED VIEW stored AS SELECT name, id FROM users;
CREATE INDEX ON stored (name);
CREATE FUNCTION body() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT name FROM users; END;
-- rows
INSERT INTO users VALUES (1, 'ann', 'bob');
-- kept
SELECT f, t, s, i, w, b FROM follows f, follows_that t, stays s, is_called_so i, within w, two b
-- after
CREATE TABLE users (id int PRIMARY KEY, full_name text, other text);
CREATE VIEW follows AS SELECT id, full_name FROM users;
CREATE VIEW follows_that AS SELECT full_name FROM follows;
CREATE VIEW stays AS SELECT DISTINCT full_name AS name FROM users;
CREATE VIEW is_called_so AS SELECT full_name, other AS name FROM users;
CREATE VIEW within AS SELECT id FROM users WHERE other IN (SELECT full_name FROM users);
CREATE VIEW two AS SELECT full_name AS name FROM users UNION ALL SELECT other FROM users;
CREATE MATERIALIZED VIEW stored AS SELECT full_name, id FROM users;
CREATE INDEX ON stored (full_name);
CREATE FUNCTION body() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT full_name FROM users; END;
-- renames
users.name=full_name
