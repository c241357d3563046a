SELECT o.oid, o.oprnamespace, o.oprname, pg_get_userbyid(o.oprowner),
       CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END,
       CASE WHEN o.oprright <> 0 THEN format_type(o.oprright, NULL) END,
       o.oprcode::regproc, (SELECT format('OPERATOR(%I.%s)', n.nspname, x.oprname)
                             FROM pg_operator x JOIN pg_namespace n ON n.oid = x.oprnamespace WHERE x.oid = o.oprcom),
       (SELECT format('OPERATOR(%I.%s)', n.nspname, x.oprname)
          FROM pg_operator x JOIN pg_namespace n ON n.oid = x.oprnamespace WHERE x.oid = o.oprnegate),
       CASE WHEN o.oprrest <> 0 THEN o.oprrest::regproc END, CASE WHEN o.oprjoin <> 0 THEN o.oprjoin::regproc END,
       o.oprcanhash, o.oprcanmerge
  FROM pg_operator o
  JOIN pg_namespace n ON n.oid = o.oprnamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 WHERE o.oprcode <> 0
