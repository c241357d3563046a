--! C.
--!
--! parent: 2

SELECT 1;
COPY (SELECT a FROM t) TO STDOUT WITH (FORMAT csv);
COPY t TO '/tmp/t';
