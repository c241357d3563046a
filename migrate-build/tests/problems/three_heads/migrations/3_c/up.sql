--! A.
--!
--! parent: 2

SELECT 1;
