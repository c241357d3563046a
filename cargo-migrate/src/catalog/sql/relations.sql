SELECT c.oid, c.relnamespace, c.relname, c.relkind, pg_get_userbyid(c.relowner), c.relpersistence = 'u',
       c.reloptions, nullif(am.amname, 'heap'), t.spcname, c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
       ton.nspname, tot.typname,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
       c.relispopulated, s.srvname, f.ftoptions, pg_table_is_visible(c.oid)
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  LEFT JOIN pg_type tot ON tot.oid = c.reloftype
  LEFT JOIN pg_namespace ton ON ton.oid = tot.typnamespace
  LEFT JOIN pg_am am ON am.oid = c.relam
  LEFT JOIN pg_tablespace t ON t.oid = c.reltablespace
  LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid
  LEFT JOIN pg_foreign_server s ON s.oid = f.ftserver
 WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c')
