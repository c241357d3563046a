SELECT e.oid, e.extname, n.nspname, e.extversion, e.extrelocatable,
       (SELECT a.comment FROM pg_available_extensions a WHERE a.name = e.extname)
  FROM pg_extension e
  JOIN pg_namespace n ON n.oid = e.extnamespace
