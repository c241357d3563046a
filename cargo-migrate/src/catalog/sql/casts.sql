SELECT c.oid, format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL), nullif(c.castfunc, 0),
       c.castcontext, c.castmethod, c.castfunc::regprocedure
  FROM pg_cast c
 WHERE c.oid >= 16384
