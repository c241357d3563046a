--! transaction: none

DROP INDEX CONCURRENTLY i