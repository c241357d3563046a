SELECT r.rngtypid, format_type(r.rngsubtype, NULL),
       (SELECT CASE WHEN n.nspname IN ('pg_catalog', 'public') THEN '' ELSE quote_ident(n.nspname) || '.' END
               || quote_ident(o.opcname)
          FROM pg_opclass o
          JOIN pg_namespace n ON n.oid = o.opcnamespace
         WHERE o.oid = r.rngsubopc AND NOT o.opcdefault),
       (SELECT CASE WHEN r.rngcollation <> t.typcollation AND r.rngcollation <> 0 THEN r.rngcollation::regcollation END
          FROM pg_type t
         WHERE t.oid = r.rngsubtype),
       CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical END, CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff END,
       r.rngmultitypid, (SELECT quote_ident(t.typname) FROM pg_type t WHERE t.oid = r.rngmultitypid)  -- since 14
       0, NULL  -- before 14
  FROM pg_range r
 WHERE r.rngtypid >= 16384
