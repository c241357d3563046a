--! A.
--!
--! parent: base

BEGIN;
SELECT 1;
SAVEPOINT a;
ROLLBACK TO a;
COMMIT;

