--! A.
--!
--! parent: 4
--! and so on

SELECT 1;
