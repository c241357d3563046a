--! C.
--!
--! parent: 1

SELECT 1;
