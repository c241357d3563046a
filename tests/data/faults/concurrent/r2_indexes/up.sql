--! Two indexes.
--!
--! parent: r1
--! transaction: none

CREATE INDEX CONCURRENTLY items_a ON items (a);
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS items_b ON items (b);
