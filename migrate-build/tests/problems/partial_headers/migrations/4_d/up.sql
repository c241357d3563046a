--! A.
--!
--! parent: 5
--! breaks-older: yes

SELECT 1;
