--! A.
--!
--! parent: 2026010100000

SELECT 1;
