-- before
CREATE TEXT SEARCH DICTIONARY plain (TEMPLATE = simple);
CREATE TEXT SEARCH CONFIGURATION words (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION words ALTER MAPPING FOR word WITH plain;
CREATE TABLE docs (id int, body text, doc tsvector GENERATED ALWAYS AS (to_tsvector('words'::regconfig, body)) STORED);
CREATE INDEX docs_doc ON docs USING gin (doc);
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER far FOREIGN DATA WRAPPER nowhere OPTIONS (host 'a');
CREATE FOREIGN TABLE away (id int OPTIONS (c 'x'), t text) SERVER far OPTIONS (t 'y');
-- after
CREATE TEXT SEARCH DICTIONARY plain (TEMPLATE = simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION words (COPY = english);
ALTER TEXT SEARCH CONFIGURATION words ALTER MAPPING FOR word WITH plain, english_stem;
CREATE TABLE docs (id int, body varchar(100), doc tsvector GENERATED ALWAYS AS (to_tsvector('words'::regconfig, body)) STORED);
CREATE INDEX docs_doc ON docs USING gin (doc);
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER far FOREIGN DATA WRAPPER nowhere OPTIONS (host 'b', port '1');
CREATE FOREIGN TABLE away (id bigint OPTIONS (c 'z'), u text NOT NULL) SERVER far;
COMMENT ON FOREIGN TABLE away IS 'there';
