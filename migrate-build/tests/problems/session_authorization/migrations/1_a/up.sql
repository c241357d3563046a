--! In a transaction it ends with it.
--!
--! parent: base

SET SESSION AUTHORIZATION other;
