-- since 15
-- before
CREATE TABLE acts (id serial PRIMARY KEY, at timestamptz DEFAULT now(), parent int REFERENCES acts, body text);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER stamped BEFORE UPDATE OF body ON acts FOR EACH ROW WHEN (OLD.body IS DISTINCT FROM NEW.body) EXECUTE FUNCTION stamp();
ALTER TABLE acts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON acts USING (id > 0);
CREATE RULE quiet AS ON DELETE TO acts WHERE OLD.id = 1 DO INSTEAD NOTHING;
CREATE VIEW recent AS SELECT a.id, p.body FROM acts a JOIN acts p ON p.id = a.parent;
CREATE PUBLICATION acts_out FOR TABLE acts (id, body) WHERE (id > 3);
-- rows
INSERT INTO acts (body) VALUES ('a'), ('b');
-- kept
SELECT count(*) FROM recent
-- after
CREATE TABLE deeds (id int PRIMARY KEY, at timestamptz DEFAULT now(), parent int, body text);
CREATE SEQUENCE acts_id_seq AS int OWNED BY deeds.id;
ALTER TABLE deeds ALTER id SET DEFAULT nextval('acts_id_seq');
ALTER TABLE deeds RENAME CONSTRAINT deeds_pkey TO acts_pkey;
ALTER TABLE deeds ADD CONSTRAINT acts_parent_fkey FOREIGN KEY (parent) REFERENCES deeds;
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER stamped BEFORE UPDATE OF body ON deeds FOR EACH ROW WHEN (OLD.body IS DISTINCT FROM NEW.body) EXECUTE FUNCTION stamp();
ALTER TABLE deeds ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON deeds USING (id > 0);
CREATE RULE quiet AS ON DELETE TO deeds WHERE OLD.id = 1 DO INSTEAD NOTHING;
CREATE VIEW recent AS SELECT a.id, p.body FROM deeds a JOIN deeds p ON p.id = a.parent;
CREATE PUBLICATION acts_out FOR TABLE deeds (id, body) WHERE (id > 3);
-- renames
acts=deeds
