-- before
CREATE TABLE owner_of (id serial);
CREATE TABLE user_of (id int DEFAULT nextval('owner_of_id_seq'));
CREATE VIEW peek AS SELECT last_value FROM owner_of_id_seq;
-- after
CREATE SEQUENCE owner_of_id_seq AS int;
CREATE TABLE user_of (id int DEFAULT nextval('owner_of_id_seq'));
CREATE VIEW peek AS SELECT last_value FROM owner_of_id_seq;
