-- since 15
-- before
CREATE TABLE n (id int PRIMARY KEY, parent int, name varchar(5));
CREATE RECURSIVE VIEW up (id, parent, depth) AS SELECT id, parent, 1 FROM n WHERE parent IS NULL UNION ALL SELECT n.id, n.parent, depth + 1 FROM n JOIN up ON up.id = n.parent;
CREATE VIEW named WITH (security_barrier) AS SELECT id, name FROM n WHERE name <> '' WITH LOCAL CHECK OPTION;
ALTER VIEW named ALTER COLUMN name SET DEFAULT 'q';
CREATE FUNCTION put() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER instead INSTEAD OF INSERT ON up FOR EACH ROW EXECUTE FUNCTION put();
CREATE RULE drops AS ON DELETE TO named DO INSTEAD DELETE FROM n WHERE n.id = OLD.id;
-- after
CREATE TABLE n (id bigint PRIMARY KEY, parent bigint, name varchar(9));
CREATE RECURSIVE VIEW up (id, parent, depth) AS SELECT id, parent, 1 FROM n WHERE parent IS NULL UNION ALL SELECT n.id, n.parent, depth + 1 FROM n JOIN up ON up.id = n.parent;
CREATE VIEW named WITH (security_invoker) AS SELECT id, name FROM n WHERE name <> '' WITH CASCADED CHECK OPTION;
ALTER VIEW named ALTER COLUMN name SET DEFAULT 'r';
CREATE FUNCTION put() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER instead INSTEAD OF INSERT ON up FOR EACH ROW EXECUTE FUNCTION put();
CREATE RULE drops AS ON DELETE TO named DO INSTEAD DELETE FROM n WHERE n.id = OLD.id;
