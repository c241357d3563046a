--! A.
--!
--! parent: base
--! depends-on: 77
--! transaction: all

SELECT 1;
