-- before
CREATE TABLE part (a int, b text);
CREATE TABLE whole (id int, part part);
CREATE VIEW v AS SELECT (part).b FROM whole;
-- rows
INSERT INTO whole VALUES (1, (1, 'x'));
-- kept
SELECT id, (part).a FROM whole
-- after
CREATE TABLE part (a int, b text, c text);
CREATE TABLE whole (id int, part part);
CREATE VIEW v AS SELECT (part).b FROM whole;
