--! A.
--!
--! parent: 1

/* a /* b */

