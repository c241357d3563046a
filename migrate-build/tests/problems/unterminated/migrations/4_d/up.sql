--! A.
--!
--! parent: 3

SELECT "a;

