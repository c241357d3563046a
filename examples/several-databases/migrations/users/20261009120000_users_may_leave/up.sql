--! Users may leave.
--!
--! parent: 20261003080000

ALTER TABLE users ADD COLUMN left_at timestamptz;
