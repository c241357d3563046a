--! A.
--!
--! parent: base
--! parent: base
--! transaction: none
--! transaction: none

SELECT 1;
