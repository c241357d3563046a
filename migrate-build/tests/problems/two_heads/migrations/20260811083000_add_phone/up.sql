--! A.
--!
--! parent: 20260801090000

SELECT 1;
