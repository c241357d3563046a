SELECT 'w', w.oid, w.fdwname, pg_get_userbyid(w.fdwowner), '',
       CASE WHEN w.fdwhandler <> 0 THEN w.fdwhandler::regproc::text END,
       CASE WHEN w.fdwvalidator <> 0 THEN w.fdwvalidator::regproc::text END, w.fdwoptions
  FROM pg_foreign_data_wrapper w
 UNION ALL
SELECT 's', s.oid, s.srvname, pg_get_userbyid(s.srvowner), w.fdwname, s.srvtype, s.srvversion, s.srvoptions
  FROM pg_foreign_server s
  JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
 UNION ALL
SELECT 'u', u.umid, u.srvname, '', CASE WHEN u.umuser = 0 THEN '' ELSE u.usename END, NULL, NULL, u.umoptions
  FROM pg_user_mappings u
