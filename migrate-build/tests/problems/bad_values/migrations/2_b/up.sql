--! A.
--!
--! parent: base, 1

SELECT 1;
