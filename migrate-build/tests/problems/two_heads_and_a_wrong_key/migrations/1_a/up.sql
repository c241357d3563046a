--! A.
--!
--! parent: base
--! colour: red

SELECT 1;
