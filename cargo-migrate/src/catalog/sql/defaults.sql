SELECT d.oid, d.adrelid, d.adnum, pg_get_expr(d.adbin, d.adrelid)
  FROM pg_attrdef d
