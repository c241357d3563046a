--! B.
--!
--! parent: 1
--! transaction: none

SELECT 1;
SET SESSION AUTHORIZATION other;
SET ROLE other;
