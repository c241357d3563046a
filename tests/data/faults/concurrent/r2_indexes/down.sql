--! transaction: none

DROP INDEX CONCURRENTLY items_b;
DROP INDEX CONCURRENTLY items_a;
