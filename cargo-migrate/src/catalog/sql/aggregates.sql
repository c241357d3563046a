SELECT p.oid, a.aggkind, a.aggtransfn, format_type(a.aggtranstype, NULL), a.aggtransspace,
       a.aggfinalfn, a.aggfinalextra, a.aggfinalmodify, a.aggcombinefn, a.aggserialfn,
       a.aggdeserialfn, quote_literal(a.agginitval), a.aggmtransfn, a.aggminvtransfn,
       CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END, a.aggmtransspace,
       a.aggmfinalfn, a.aggmfinalextra, a.aggmfinalmodify, quote_literal(a.aggminitval),
       (SELECT CASE WHEN n.nspname = 'pg_catalog' THEN o.oprname
               ELSE format('OPERATOR(%I.%s)', n.nspname, o.oprname) END
          FROM pg_operator o
          JOIN pg_namespace n ON n.oid = o.oprnamespace
         WHERE o.oid = a.aggsortop),
       p.proparallel
  FROM pg_aggregate a
  JOIN pg_proc p ON p.oid = a.aggfnoid
 WHERE p.oid >= 16384
