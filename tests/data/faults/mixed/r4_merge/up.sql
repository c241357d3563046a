--! The branches come together.
--!
--! parent: r2, r3

CREATE INDEX shared_ab ON shared (a, b);
INSERT INTO log (what) VALUES ('r4 up');
