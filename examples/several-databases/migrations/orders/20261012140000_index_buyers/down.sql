--! transaction: none

DROP INDEX CONCURRENTLY orders_buyer;
