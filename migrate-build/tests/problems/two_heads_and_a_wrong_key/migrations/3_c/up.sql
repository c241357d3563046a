--! A.
--!
--! parent: 1
--! transaction: all

SELECT 1;
