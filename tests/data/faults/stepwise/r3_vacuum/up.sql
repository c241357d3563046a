--! What no transaction allows, and may be done twice.
--!
--! parent: r2
--! transaction: none

SET search_path = public;
VACUUM events;
DROP TABLE IF EXISTS archive_of_old;
