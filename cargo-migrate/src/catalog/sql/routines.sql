SELECT p.oid, p.pronamespace, p.proname, p.prokind, pg_get_userbyid(p.proowner), oidvectortypes(p.proargtypes),
       CASE WHEN p.prokind <> 'a' AND d.objid IS NULL THEN pg_get_functiondef(p.oid) END,
       CASE WHEN d.objid IS NULL
            THEN concat_ws(' ', pg_get_function_identity_arguments(p.oid), '->', pg_get_function_result(p.oid)) END,
       p.pronargdefaults, l.lanname, pg_get_function_identity_arguments(p.oid), pg_get_function_arguments(p.oid),
       pg_function_is_visible(p.oid)
  FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  JOIN pg_language l ON l.oid = p.prolang
  LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i')
 WHERE d.deptype IS DISTINCT FROM 'i'  -- the constructors of ranges
