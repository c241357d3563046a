--! A.
--!
--! parent: a2

SELECT 1;
