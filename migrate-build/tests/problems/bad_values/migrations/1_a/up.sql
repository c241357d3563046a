--! A.
--!
--! parent:
--! branch-label: Big One, head, a, a
--! depends-on: other::1, 2_b, X, 
--! transaction: all
--! breaks-older: yes
--! replaces: 3
--! and so on

SELECT 1;
