--! Whether there is a transaction is not known, and nothing is said about it.
--!
--! parent: 1
--! transacton: none

COMMIT;
