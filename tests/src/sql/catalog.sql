-- Every object of the schemas that are not PostgreSQL's own, in a line each, the version table aside. Other than pg_dump's,
-- it works on servers of every version, and shows an index that a failed build has left invalid.
WITH namespaces AS (
    SELECT oid, nspname
    FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), relations AS (
    SELECT c.*, format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class AS c
    JOIN namespaces AS n ON n.oid = c.relnamespace
    WHERE c.oid IS DISTINCT FROM to_regclass('public.migrate_revisions')
), objects (line) AS (
    SELECT format('schema %I', nspname)
    FROM namespaces
    UNION ALL
    SELECT format('relation %s %s %s', relkind, name, relpersistence)
    FROM relations
    WHERE relkind <> 'i' AND relkind <> 'I'
    UNION ALL
    SELECT format('columns of %s: %s', r.name, string_agg(format('%I %s %s %s %s %s %s',
        a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
        (SELECT collname FROM pg_collation WHERE oid = a.attcollation),
        pg_get_expr(d.adbin, d.adrelid)), ', ' ORDER BY a.attnum))
    FROM relations AS r
    JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE r.relkind <> 'i' AND r.relkind <> 'I' AND r.relkind <> 'S'
    GROUP BY r.name
    UNION ALL
    SELECT format('index %s: valid %s, ready %s, live %s, replica identity %s',
        pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready, i.indislive, i.indisreplident)
    FROM pg_index AS i
    JOIN relations AS r ON r.oid = i.indrelid
    UNION ALL
    SELECT format('constraint %I on %s%s: %s, validated %s', k.conname, r.name, format_type(NULLIF(k.contypid, 0), NULL),
        pg_get_constraintdef(k.oid), k.convalidated)
    FROM pg_constraint AS k
    JOIN namespaces AS n ON n.oid = k.connamespace
    LEFT JOIN relations AS r ON r.oid = k.conrelid
    WHERE k.conrelid IS DISTINCT FROM to_regclass('public.migrate_revisions')
    UNION ALL
    SELECT format('view %s: %s', name, pg_get_viewdef(oid))
    FROM relations
    WHERE relkind IN ('v', 'm')
    UNION ALL
    SELECT format('trigger on %s: %s, enabled %s', r.name, pg_get_triggerdef(t.oid), t.tgenabled)
    FROM pg_trigger AS t
    JOIN relations AS r ON r.oid = t.tgrelid
    WHERE NOT t.tgisinternal
    UNION ALL
    SELECT format('policy %I on %s: %s %s %s %s', p.polname, r.name, p.polcmd, p.polpermissive,
        pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    FROM pg_policy AS p
    JOIN relations AS r ON r.oid = p.polrelid
    UNION ALL
    SELECT format('function %s', pg_get_functiondef(p.oid))
    FROM pg_proc AS p
    JOIN namespaces AS n ON n.oid = p.pronamespace
    WHERE p.prokind IN ('f', 'p')
    UNION ALL
    SELECT format('aggregate %s', p.oid::regprocedure)
    FROM pg_proc AS p
    JOIN namespaces AS n ON n.oid = p.pronamespace
    WHERE p.prokind = 'a'
    UNION ALL
    SELECT format('type %s %s %s %s: %s', t.typtype, format_type(t.oid, NULL), format_type(NULLIF(t.typbasetype, 0), t.typtypmod),
        t.typnotnull, (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum AS e WHERE e.enumtypid = t.oid))
    FROM pg_type AS t
    JOIN namespaces AS n ON n.oid = t.typnamespace
    WHERE t.typtype <> 'c' AND t.typelem = 0
    UNION ALL
    SELECT format('extension %I %s', extname, extversion)
    FROM pg_extension
    UNION ALL
    SELECT format('comment on %s %s: %s', i.type, i.identity, d.description)
    FROM pg_description AS d
    CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) AS i
    JOIN namespaces AS n ON n.nspname = i.schema
    WHERE d.objoid IS DISTINCT FROM to_regclass('public.migrate_revisions')
)
SELECT COALESCE(string_agg(line, E'\n' ORDER BY line COLLATE "C"), '') AS catalog
FROM objects
