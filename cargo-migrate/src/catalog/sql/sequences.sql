SELECT s.seqrelid, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache,
       s.seqcycle, d.refobjid, d.refobjsubid, d.deptype
  FROM pg_sequence s
  LEFT JOIN pg_depend d
    ON d.classid = 'pg_class'::regclass
   AND d.objid = s.seqrelid
   AND d.objsubid = 0
   AND d.refclassid = 'pg_class'::regclass
   AND d.refobjsubid > 0
   AND d.deptype IN ('a', 'i')
