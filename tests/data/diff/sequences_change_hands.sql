-- before
CREATE SEQUENCE s AS int INCREMENT 2 MAXVALUE 100 CYCLE;
CREATE TABLE t (id int DEFAULT nextval('s'), n int DEFAULT nextval('s'));
ALTER SEQUENCE s OWNED BY t.n;
CREATE TABLE u (id serial, k text);
-- after
CREATE SEQUENCE s AS bigint INCREMENT -1 MINVALUE -50 MAXVALUE 50 START 5 CACHE 3;
CREATE TABLE t (id bigint DEFAULT nextval('s'));
CREATE TABLE u (id int, k int DEFAULT nextval('s'));
ALTER SEQUENCE s OWNED BY u.k;
