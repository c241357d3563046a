--! A.
--!
--! parent: 1
--! transaction: none

VACUUM;
