SELECT c.oid, i.indrelid, c.relname, i.indisunique, i.indisvalid, i.indisclustered, i.indisreplident, c.relkind = 'I',
       pg_get_indexdef(c.oid), pg_get_expr(i.indpred, i.indrelid), c.reloptions, t.spcname, h.inhparent,
       (SELECT array_agg(a.attnum || '=' || a.attstattarget ORDER BY a.attnum)
          FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attstattarget >= 0)
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  LEFT JOIN pg_tablespace t ON t.oid = c.reltablespace
  LEFT JOIN pg_inherits h ON h.inhrelid = c.oid
