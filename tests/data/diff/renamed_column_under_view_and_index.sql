-- before
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL DEFAULT 'x', CHECK (name <> ''), UNIQUE (name));
CREATE INDEX users_lower ON users (lower(name)) WHERE name <> 'root';
CREATE VIEW named AS SELECT id, name AS n FROM users WHERE name LIKE 'a%';
CREATE STATISTICS users_stat ON id, name FROM users;
COMMENT ON COLUMN users.name IS 'how one is called';
-- rows
INSERT INTO users VALUES (1, 'ann');
-- kept
SELECT id, n FROM named
-- after
CREATE TABLE users (id int PRIMARY KEY, full_name text NOT NULL DEFAULT 'x', CONSTRAINT users_name_check CHECK (full_name <> ''),
    CONSTRAINT users_name_key UNIQUE (full_name));
CREATE INDEX users_lower ON users (lower(full_name)) WHERE full_name <> 'root';
CREATE VIEW named AS SELECT id, full_name AS n FROM users WHERE full_name LIKE 'a%';
CREATE STATISTICS users_stat ON id, full_name FROM users;
COMMENT ON COLUMN users.full_name IS 'how one is called';
-- renames
users.name=full_name
