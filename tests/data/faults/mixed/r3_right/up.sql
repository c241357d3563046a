--! The right branch.
--!
--! parent: r1

ALTER TABLE shared ADD COLUMN b integer;
INSERT INTO log (what) VALUES ('r3 up');
