--! A.
--!
--! parent: 1
--! branch-lable: y

SELECT 1;
