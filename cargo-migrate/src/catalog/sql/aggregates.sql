SELECT p.oid, a.aggkind, a.aggtransfn, format_type(a.aggtranstype, NULL), a.aggtransspace,
       nullif(a.aggfinalfn, 0), a.aggfinalextra, a.aggfinalmodify, nullif(a.aggcombinefn, 0), nullif(a.aggserialfn, 0),
       nullif(a.aggdeserialfn, 0), quote_literal(a.agginitval), nullif(a.aggmtransfn, 0), nullif(a.aggminvtransfn, 0),
       CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END, a.aggmtransspace,
       nullif(a.aggmfinalfn, 0), a.aggmfinalextra, a.aggmfinalmodify, quote_literal(a.aggminitval),
       (SELECT CASE WHEN n.nspname = 'pg_catalog' THEN o.oprname
               ELSE format('OPERATOR(%I.%s)', n.nspname, o.oprname) END
          FROM pg_operator o
          JOIN pg_namespace n ON n.oid = o.oprnamespace
         WHERE o.oid = a.aggsortop),
       p.proparallel
  FROM pg_aggregate a
  JOIN pg_proc p ON p.oid = a.aggfnoid
 WHERE p.oid >= 16384
