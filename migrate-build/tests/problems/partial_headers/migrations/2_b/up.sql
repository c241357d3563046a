--! A.
--!
--! parent: 1zzz
--! colour: red
--! branch-label: x

SELECT 1;
