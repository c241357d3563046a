-- before
CREATE TABLE users (id serial PRIMARY KEY, no bigserial, name text);
-- rows
INSERT INTO users (name) VALUES ('a'), ('b');
-- kept
SELECT nextval(pg_get_serial_sequence(t::text, c)) > 2 FROM (VALUES ('id'), ('number'), ('no')) AS of (c),
    (SELECT oid::regclass AS t FROM pg_class WHERE relname IN ('users', 'accounts')) AS tables
WHERE EXISTS (SELECT FROM pg_attribute WHERE attrelid = t AND attname = c)
-- after
CREATE TABLE accounts (id serial CONSTRAINT users_pkey PRIMARY KEY, number bigserial, name text);
-- renames
users=accounts
users.no=number
