-- before
CREATE EXTENSION citext; CREATE EXTENSION pg_trgm; CREATE EXTENSION hstore;
CREATE TABLE t (a citext, b text, h hstore);
CREATE INDEX t_b ON t USING gin (b gin_trgm_ops);
-- after
CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; CREATE EXTENSION pg_trgm SCHEMA ext;
CREATE TABLE t (a text, b ext.citext);
CREATE INDEX t_b ON t USING gist ((b::text) ext.gist_trgm_ops);
