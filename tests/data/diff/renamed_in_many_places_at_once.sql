-- before
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE people (id serial PRIMARY KEY, name text, mood mood DEFAULT 'sad', boss int REFERENCES people);
CREATE INDEX people_mood ON people (mood) WHERE mood = 'sad';
CREATE VIEW sad_people AS SELECT name FROM people WHERE mood = 'sad';
CREATE FUNCTION sad(people) RETURNS boolean LANGUAGE sql AS $$ SELECT $1.mood = 'ok' $$;
-- rows
INSERT INTO people (name) VALUES ('a');
-- kept
SELECT count(*) FROM sad_people
-- after
CREATE TYPE temper AS ENUM ('low', 'ok');
CREATE TABLE persons (id int PRIMARY KEY, title text, temper temper DEFAULT 'low', boss int);
CREATE SEQUENCE people_id_seq AS int OWNED BY persons.id;
ALTER TABLE persons ALTER id SET DEFAULT nextval('people_id_seq');
ALTER TABLE persons RENAME CONSTRAINT persons_pkey TO people_pkey;
ALTER TABLE persons ADD CONSTRAINT people_boss_fkey FOREIGN KEY (boss) REFERENCES persons;
CREATE INDEX people_mood ON persons (temper) WHERE temper = 'low';
CREATE VIEW sad_people AS SELECT title AS name FROM persons WHERE temper = 'low';
CREATE FUNCTION sad(persons) RETURNS boolean LANGUAGE sql AS $$ SELECT $1.temper = 'ok' $$;
-- renames
people=persons
people.name=title
people.mood=temper
mood=temper
mood.sad=low
