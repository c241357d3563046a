--! A.
--!
--! parent: 20260102000009

SELECT 1;
