SELECT c.oid, c.collnamespace, c.collname, pg_get_userbyid(c.collowner), c.collprovider, c.collisdeterministic,
       c.collcollate, c.collctype,
       c.colllocale,  -- since 17
       c.colliculocale,  -- from 15 before 17
       NULL,  -- before 15
       c.collicurules  -- since 16
       NULL  -- before 16
  FROM pg_collation c
  JOIN pg_namespace n ON n.oid = c.collnamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
