--! Undo it.
--!
--! parent: base
--! transaction: all

SELECT 1;
