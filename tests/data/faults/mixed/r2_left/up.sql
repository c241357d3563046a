--! The left branch, without a transaction.
--!
--! parent: r1
--! transaction: none

CREATE INDEX CONCURRENTLY shared_a ON shared (a);
