--! parent: base

SELECT 1;
