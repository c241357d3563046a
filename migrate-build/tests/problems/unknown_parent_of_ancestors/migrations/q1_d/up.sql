--! A.
--!
--! parent: base
--! branch-label: q

SELECT 1;
