SELECT s.oid, s.pnpubid, n.nspname                             -- since 15
  FROM pg_publication_namespace s                              -- since 15
  JOIN pg_namespace n ON n.oid = s.pnnspid                     -- since 15
SELECT 0, 0, NULL WHERE false                                  -- before 15
