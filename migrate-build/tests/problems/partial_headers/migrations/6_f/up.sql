--! F.
--!
--! parent: 1
--! colour: red

COMMIT;
