SELECT r.oid, r.rulename, r.ev_class, r.ev_enabled,
       CASE WHEN r.rulename <> '_RETURN' THEN pg_get_ruledef(r.oid) END
  FROM pg_rewrite r
 WHERE r.oid >= 16384
