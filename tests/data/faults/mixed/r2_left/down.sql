--! transaction: none

DROP INDEX CONCURRENTLY IF EXISTS shared_a;
