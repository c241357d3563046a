SELECT c.oid, c.conname, c.contype, c.conrelid, c.contypid, c.conindid, c.confrelid, c.convalidated, c.conislocal,
       c.coninhcount > 0, c.conparentid, pg_get_constraintdef(c.oid)
  FROM pg_constraint c
  JOIN pg_namespace n ON n.oid = c.connamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 WHERE c.contype <> 'n'
   -- a foreign key to a partitioned table has one like it to each partition
   AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.oid = c.conparentid AND p.conrelid = c.conrelid)
