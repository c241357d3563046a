--! A.
--!
--! parent: 2

-- nothing to do
