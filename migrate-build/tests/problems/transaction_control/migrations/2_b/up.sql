--! A.
--!
--! parent: 1
--! transaction: none

BEGIN;
COMMIT;
