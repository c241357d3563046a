--! Index the users.
--!
--! parent: 20260101000000
--! branch-label: indexes, more
--! transaction: none
--! breaks-older: true

CREATE INDEX CONCURRENTLY i ON users (id);
