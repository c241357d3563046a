--! Create the users table.
--!
--! parent: base

CREATE TABLE users (id bigint PRIMARY KEY, "quoted ""name""" text DEFAULT '\"#');
-- A comment; not a statement.
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS $fn$ SELECT 1; $fn$;
