--! B.
--!
--! parent: 1
--! branch-label: sales

SELECT 1;
