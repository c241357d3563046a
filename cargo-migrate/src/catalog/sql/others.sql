SELECT 2612, l.oid, 0, l.lanname, '', 'the language ' || quote_ident(l.lanname)
  FROM pg_language l
 WHERE l.oid >= 16384
 UNION ALL
SELECT 2616, o.oid, o.opcnamespace, o.opcname, a.amname, 'the operator class ' || quote_ident(o.opcname)
  FROM pg_opclass o
  JOIN pg_am a ON a.oid = o.opcmethod
 WHERE o.oid >= 16384
 UNION ALL
SELECT 2753, o.oid, o.opfnamespace, o.opfname, a.amname, 'the operator family ' || quote_ident(o.opfname)
  FROM pg_opfamily o
  JOIN pg_am a ON a.oid = o.opfmethod
 WHERE o.oid >= 16384
 UNION ALL
SELECT 6100,
       s.oid,   -- since 14
       0::oid,  -- before 14: only a superuser may read it
       0, s.subname, '',
       -- What everybody may read of it, so that a change of that is told.
       concat('the subscription ', quote_ident(s.subname), ' to ', array_to_string(s.subpublications, ', '),
              CASE WHEN s.subslotname <> s.subname THEN ' through the slot ' || s.subslotname END,
              CASE WHEN NOT s.subenabled THEN ', disabled' END)
  FROM pg_subscription s
 WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
 UNION ALL
SELECT 2601, a.oid, 0, a.amname, '', 'the access method ' || quote_ident(a.amname)
  FROM pg_am a
 WHERE a.oid >= 16384
