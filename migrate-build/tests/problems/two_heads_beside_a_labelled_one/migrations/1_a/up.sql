--! A.
--!
--! parent: base

SELECT 1;
