--! Their addresses.
--!
--! parent: r1

INSERT INTO accounts SELECT n, 'account ' || n FROM generate_series(1, 20) AS n;
INSERT INTO log (what) VALUES ('r2 up');
ALTER TABLE accounts ADD COLUMN email text;
