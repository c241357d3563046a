SELECT n.oid, n.nspname, pg_get_userbyid(n.nspowner)
  FROM pg_namespace n
 WHERE n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
