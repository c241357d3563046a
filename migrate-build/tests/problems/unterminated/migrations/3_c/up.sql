--! A.
--!
--! parent: 2

DO $do$ BEGIN $$;

