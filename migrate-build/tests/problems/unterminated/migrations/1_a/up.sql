--! A.
--!
--! parent: base

SELECT 1;
SELECT 'x;

