-- before
CREATE TABLE makers (id int PRIMARY KEY, code varchar(10) UNIQUE);
CREATE TABLE cars (id int PRIMARY KEY, maker_id int NOT NULL REFERENCES makers ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    maker_code varchar(10) REFERENCES makers (code) MATCH FULL);
CREATE INDEX ON cars (maker_id);
CREATE VIEW both_of AS SELECT c.id, m.code FROM cars c JOIN makers m ON m.id = c.maker_id;
-- rows
INSERT INTO makers VALUES (1, 'a'); INSERT INTO cars VALUES (7, 1, 'a');
-- kept
SELECT * FROM both_of
-- after
CREATE TABLE makers (id bigint PRIMARY KEY, code text UNIQUE);
CREATE TABLE cars (id int PRIMARY KEY, maker_id bigint NOT NULL REFERENCES makers ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    maker_code text REFERENCES makers (code) MATCH FULL);
CREATE INDEX ON cars (maker_id);
CREATE VIEW both_of AS SELECT c.id, m.code FROM cars c JOIN makers m ON m.id = c.maker_id;
