DO $empty$
DECLARE
    found record;
    phrase text;
BEGIN
    PERFORM pg_catalog.set_config('search_path', '', true);
    PERFORM pg_catalog.set_config('client_min_messages', 'warning', true);
    -- Extensions first: what belongs to them cannot be dropped alone. Then schemas, which take most of the rest along.
    FOR found IN
        SELECT d.classid, d.objid
        FROM pg_catalog.pg_shdepend AS d
        WHERE d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
            AND d.deptype = 'o'
            AND d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
            AND pg_catalog.pg_has_role(d.refobjid, 'USAGE')
        ORDER BY d.classid <> 'pg_catalog.pg_extension'::pg_catalog.regclass,
            d.classid <> 'pg_catalog.pg_namespace'::pg_catalog.regclass, d.objid
    LOOP
        SELECT pg_catalog.format('%s %s', CASE o.type WHEN 'statistics object' THEN 'statistics' ELSE o.type END, o.identity)
        INTO phrase
        FROM pg_catalog.pg_identify_object(found.classid, found.objid, 0) AS o
        WHERE o.type IS NOT NULL AND o.type <> 'default acl';
        CONTINUE WHEN phrase IS NULL;
        EXECUTE 'DROP ' || phrase || ' CASCADE';
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'public') THEN
        CREATE SCHEMA public;
    END IF;
END
$empty$
