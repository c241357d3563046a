SELECT t.oid, t.tgname, t.tgrelid, t.tgenabled, pg_get_triggerdef(t.oid)
  FROM pg_trigger t
 WHERE NOT t.tgisinternal
   AND t.tgparentid = 0
