--! A.
--!
--! parent: base
--! depend-on: 2
--! colour: red

SELECT 1;
