--! A.
--!
--! parent: a9

SELECT 1;
