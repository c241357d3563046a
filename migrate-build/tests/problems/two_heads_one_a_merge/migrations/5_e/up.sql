--! A.
--!
--! parent: 3, 4

SELECT 1;
