SELECT d.classid::oid, d.objid, d.objsubid, d.refclassid::oid, d.refobjid, d.refobjsubid, d.deptype <> 'n'
  FROM pg_depend d
 WHERE d.objid >= 16384
   AND d.refobjid >= 16384
   AND d.deptype IN ('n', 'a', 'i')
   AND d.refclassid <> 2615  -- every object is in a schema: its name says in which
