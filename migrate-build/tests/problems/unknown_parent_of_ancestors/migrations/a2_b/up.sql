--! A.
--!
--! parent: a1
--! depends-on: a8

SELECT 1;
