SELECT r.oid, r.prpubid, r.prrelid,
       (SELECT array_agg(a.attname ORDER BY a.attnum)                  -- since 15
          FROM pg_attribute a                                          -- since 15
         WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)), -- since 15
       pg_get_expr(r.prqual, r.prrelid)                                -- since 15
       NULL, NULL                                                      -- before 15
  FROM pg_publication_rel r
