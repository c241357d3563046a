--! A.
--!
--! parent: 1, 3

SELECT 1;
