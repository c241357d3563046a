--! Another index in the place of one.
--!
--! parent: r2
--! transaction: none

DROP INDEX CONCURRENTLY IF EXISTS items_a;
CREATE INDEX CONCURRENTLY items_a ON items (a, b);
