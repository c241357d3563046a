--! A.
--!
--! parent: 7, 20260101000000
--! depends-on: 20260102000001

SELECT 1;
