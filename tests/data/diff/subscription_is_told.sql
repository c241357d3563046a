-- before
CREATE TABLE t (a int);
-- after
CREATE TABLE t (a int);
CREATE SUBSCRIPTION news CONNECTION 'host=nowhere password=secret' PUBLICATION one, two WITH (connect = false, slot_name = NONE);
-- told
other news
