--! transaction: none

DROP INDEX CONCURRENTLY IF EXISTS items_a;
CREATE INDEX CONCURRENTLY items_a ON items (a);
