--! A.
--!
--! parent: 1
--! branch-label: x

SELECT 1;
