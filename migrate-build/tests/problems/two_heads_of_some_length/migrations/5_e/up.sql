--! A.
--!
--! parent: 4
--! depends-on: 2

SELECT 1;
