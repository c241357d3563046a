--! A.
--!
--! parent: base
--! depends-on: zz

SELECT 1;
