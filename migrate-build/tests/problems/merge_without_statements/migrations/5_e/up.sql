--! E.
--!
--! parent: 4

SELECT 1;
