--! A.
--!
--! parent: 1
--! transaction: none

BEGIN;
SAVEPOINT a;
ROLLBACK TO a;
COMMIT;
