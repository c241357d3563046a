--! Orders.
--!
--! parent: r2

CREATE TABLE orders (id integer PRIMARY KEY, account integer NOT NULL REFERENCES accounts DEFERRABLE INITIALLY DEFERRED);
INSERT INTO log (what) VALUES ('r3 up');
INSERT INTO orders SELECT id, id FROM accounts;
