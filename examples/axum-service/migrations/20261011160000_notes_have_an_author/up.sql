--! Notes have an author.
--!
--! parent: 20261005090000

-- With a default: the release before this one runs on for a while, and writes notes without an author.
ALTER TABLE notes ADD COLUMN author text NOT NULL DEFAULT 'nobody';
