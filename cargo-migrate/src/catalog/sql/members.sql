SELECT d.classid::oid, d.objid, d.refobjid
  FROM pg_depend d
 WHERE d.deptype = 'e'
