SELECT c.oid, format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL),
       c.castcontext, c.castmethod, c.castfunc::regprocedure
  FROM pg_cast c
 WHERE c.oid >= 16384
   AND NOT EXISTS (  -- those of ranges come with them
       SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i')
