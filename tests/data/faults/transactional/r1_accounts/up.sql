--! Accounts.
--!
--! parent: base

CREATE TABLE accounts (id integer PRIMARY KEY, name text NOT NULL);
INSERT INTO log (what) VALUES ('r1 up');
