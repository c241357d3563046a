--! A.
--!

SELECT 1;
