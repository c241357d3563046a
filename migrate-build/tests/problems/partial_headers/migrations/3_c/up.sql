--! A.
--!
--! parent: 2_b, 88zzzz
--! branch-label: x, Big One

SELECT 1;
