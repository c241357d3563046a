--! A.
--!
--! parent: 9

SELECT 1;
