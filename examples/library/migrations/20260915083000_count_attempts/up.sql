--! Count how often a job was taken.
--!
--! parent: 20260801090000

ALTER TABLE jobs ADD COLUMN attempts integer NOT NULL DEFAULT 0;
