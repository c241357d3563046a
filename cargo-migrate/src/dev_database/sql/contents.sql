WITH ours AS (
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS class, c.oid, c.relnamespace AS schema,
        'the relation ' AS kind, c.relname::pg_catalog.text AS name
    FROM pg_catalog.pg_class AS c
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, p.pronamespace, 'the routine ', p.proname::pg_catalog.text
    FROM pg_catalog.pg_proc AS p
    UNION ALL
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, t.typnamespace, 'the type ', t.typname::pg_catalog.text
    FROM pg_catalog.pg_type AS t
    WHERE t.typtype OPERATOR(pg_catalog.=) ANY ('{d,e,r}')
    UNION ALL
    SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass, n.oid, n.oid, 'the schema ', n.nspname::pg_catalog.text
    FROM pg_catalog.pg_namespace AS n
    WHERE n.nspname OPERATOR(pg_catalog.<>) 'public'
    UNION ALL
    SELECT 'pg_catalog.pg_extension'::pg_catalog.regclass, e.oid, NULL, 'the extension ', e.extname::pg_catalog.text
    FROM pg_catalog.pg_extension AS e
    WHERE e.extname OPERATOR(pg_catalog.<>) 'plpgsql'
)
SELECT ours.kind OPERATOR(pg_catalog.||) ours.name
FROM ours
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) ours.schema
WHERE (n.nspname IS NULL OR n.nspname OPERATOR(pg_catalog.<>) 'information_schema'
        AND n.nspname::pg_catalog.text OPERATOR(pg_catalog.!~) '^pg_')
    AND NOT EXISTS (
        SELECT
        FROM pg_catalog.pg_depend AS d
        WHERE d.classid OPERATOR(pg_catalog.=) ours.class AND d.objid OPERATOR(pg_catalog.=) ours.oid
            AND d.deptype OPERATOR(pg_catalog.=) 'e'
    )
ORDER BY ours.kind, ours.name
