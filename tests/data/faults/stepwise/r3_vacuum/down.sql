--! transaction: none

VACUUM events;
