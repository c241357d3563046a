SELECT o.classid, o.objid, o.objsubid, CASE WHEN x.grantee = 0 THEN NULL ELSE pg_get_userbyid(x.grantee) END,
       x.grantee = o.owner, x.privilege_type, x.is_grantable
  FROM (SELECT 1259 AS classid, c.oid AS objid, 0 AS objsubid, c.relacl AS acl, c.relowner AS owner
          FROM pg_class c
         WHERE c.relacl IS NOT NULL AND c.oid >= 16384
         UNION ALL
        SELECT 1259, a.attrelid, a.attnum, a.attacl, c.relowner
          FROM pg_attribute a
          JOIN pg_class c ON c.oid = a.attrelid
         WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND a.attrelid >= 16384
         UNION ALL
        SELECT 1255, p.oid, 0, p.proacl, p.proowner
          FROM pg_proc p
         WHERE p.proacl IS NOT NULL AND p.oid >= 16384
         UNION ALL
        SELECT 1247, t.oid, 0, t.typacl, t.typowner
          FROM pg_type t
         WHERE t.typacl IS NOT NULL AND t.oid >= 16384
         UNION ALL
        SELECT 2615, n.oid, 0, n.nspacl, n.nspowner
          FROM pg_namespace n
         WHERE n.nspacl IS NOT NULL
         UNION ALL
        SELECT 2328, w.oid, 0, w.fdwacl, w.fdwowner
          FROM pg_foreign_data_wrapper w
         WHERE w.fdwacl IS NOT NULL
         UNION ALL
        SELECT 1417, s.oid, 0, s.srvacl, s.srvowner
          FROM pg_foreign_server s
         WHERE s.srvacl IS NOT NULL) o
  LEFT JOIN LATERAL aclexplode(o.acl) x ON true
 -- what an extension granted to itself comes with it
 WHERE NOT EXISTS (
       SELECT FROM pg_init_privs i
        WHERE i.privtype = 'e' AND i.classoid = o.classid AND i.objoid = o.objid AND i.objsubid = o.objsubid
          AND i.initprivs = o.acl)
