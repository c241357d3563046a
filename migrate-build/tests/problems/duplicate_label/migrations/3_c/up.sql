--! A.
--!
--! parent: 1
--! branch-label: y, x

SELECT 1;
