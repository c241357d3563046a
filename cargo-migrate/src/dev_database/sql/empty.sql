DO $empty$
DECLARE
    found record;
    what record;
    clause text;
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
            AND d.classid <> 'pg_catalog.pg_default_acl'::pg_catalog.regclass
        ORDER BY d.classid <> 'pg_catalog.pg_extension'::pg_catalog.regclass,
            d.classid <> 'pg_catalog.pg_namespace'::pg_catalog.regclass, d.objid
    LOOP
        -- What went along with something else has no name, and before 14 it is an error to ask for that.
        CONTINUE WHEN NOT EXISTS (
            SELECT
            FROM pg_catalog.pg_shdepend AS d
            WHERE d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
                AND d.classid = found.classid AND d.objid = found.objid AND d.deptype = 'o'
        );
        -- The sequence of an identity goes with its column, and not alone.
        CONTINUE WHEN EXISTS (
            SELECT
            FROM pg_catalog.pg_depend AS d
            WHERE d.classid = found.classid AND d.objid = found.objid AND d.deptype = 'i'
        );
        SELECT o.type, o.identity INTO what FROM pg_catalog.pg_identify_object(found.classid, found.objid, 0) AS o;
        IF what.type = 'large object' THEN
            PERFORM pg_catalog.lo_unlink(found.objid);
        ELSE
            what.type := CASE what.type WHEN 'statistics object' THEN 'statistics' ELSE what.type END;
            EXECUTE 'DROP ' || what.type || ' ' || what.identity || ' CASCADE';
        END IF;
    END LOOP;
    -- A default privilege is gone when it is what it would be without.
    FOR found IN
        SELECT d.defaclrole::pg_catalog.regrole AS role, d.defaclnamespace AS schema, a.privilege_type AS privilege,
            CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::pg_catalog.regrole::text END AS grantee,
            CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' END AS kind
        FROM pg_catalog.pg_default_acl AS d, LATERAL pg_catalog.aclexplode(d.defaclacl) AS a
        WHERE pg_catalog.pg_has_role(d.defaclrole, 'USAGE')
    LOOP
        clause := pg_catalog.format('ALTER DEFAULT PRIVILEGES FOR ROLE %s', found.role)
            || CASE WHEN found.schema = 0 THEN '' ELSE ' IN SCHEMA ' || found.schema::pg_catalog.regnamespace END;
        EXECUTE clause || pg_catalog.format(' REVOKE %s ON %s FROM %s', found.privilege, found.kind, found.grantee);
    END LOOP;
    FOR found IN
        SELECT d.defaclrole::pg_catalog.regrole AS role,
            CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' END AS kind
        FROM pg_catalog.pg_default_acl AS d
        WHERE d.defaclnamespace = 0 AND pg_catalog.pg_has_role(d.defaclrole, 'USAGE')
    LOOP
        clause := pg_catalog.format('ALTER DEFAULT PRIVILEGES FOR ROLE %s GRANT ALL ON %s TO ', found.role, found.kind);
        EXECUTE clause || found.role;
        IF found.kind IN ('FUNCTIONS', 'TYPES') THEN
            EXECUTE clause || 'PUBLIC';
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'public') THEN
        CREATE SCHEMA public;
    END IF;
    IF EXISTS (
        SELECT FROM pg_catalog.pg_namespace
        WHERE nspname = 'public' AND pg_catalog.pg_has_role(nspowner, 'USAGE')
    ) THEN
        COMMENT ON SCHEMA public IS 'standard public schema';
    END IF;
END
$empty$
