--! A.
--!
--! parent: base

SELECT 1;
/* x */ CREATE INDEX CONCURRENTLY i ON t (a);
