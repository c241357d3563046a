-- since 15
-- before
CREATE EXTENSION btree_gist;
CREATE TABLE rooms (id int, during tsrange, floor int, code text, EXCLUDE USING gist (id WITH =, during WITH &&) WHERE (floor > 0),
    UNIQUE (code), PRIMARY KEY (id) DEFERRABLE);
CREATE TABLE beds (room int, code text, CONSTRAINT beds_code FOREIGN KEY (code) REFERENCES rooms (code) ON UPDATE CASCADE);
-- rows
INSERT INTO rooms VALUES (1, '[2020-01-01,2020-01-02)', 1, 'c');
-- kept
SELECT * FROM rooms
-- after
CREATE EXTENSION btree_gist;
CREATE TABLE rooms (id int, during tsrange, floor int, code text, EXCLUDE USING gist (id WITH =, during WITH &&) WHERE (floor > 1) DEFERRABLE,
    UNIQUE NULLS NOT DISTINCT (code) INCLUDE (floor), PRIMARY KEY (id) INCLUDE (floor), CHECK (floor > 0) NO INHERIT);
CREATE UNIQUE INDEX rooms_one ON rooms (code);
CREATE TABLE beds (room int, code text, CONSTRAINT beds_code FOREIGN KEY (code) REFERENCES rooms (code) ON UPDATE CASCADE NOT VALID);
