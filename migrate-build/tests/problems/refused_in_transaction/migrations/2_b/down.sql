--! transaction: none

VACUUM;
