//! Models as a real server understands them: types, constraints, indexes, and their names.

#[path = "models/beside_sql.rs"]
mod beside_sql;
#[path = "models/every_kind.rs"]
mod every_kind;
#[path = "models/faults.rs"]
mod faults;

use std::collections::BTreeSet;

use cargo_migrate::models_as_sql;
use migrate_tests::{Database, Project};

/// A package whose library has this text.
fn package(text: &str) -> Project {
    let project = Project::library("models");
    project.write("src/lib.rs", text);
    project
}

fn read(text: &str) -> (String, Vec<String>) {
    models_as_sql(&package(text).path("Cargo.toml")).unwrap_or_else(|problem| panic!("{problem}"))
}

#[test]
fn a_field_has_the_type_that_sqlx_stores() {
    let cases = [
        ("bool", "boolean"),
        ("i8", "\"char\""),
        ("i16", "smallint"),
        ("i32", "integer"),
        ("i64", "bigint"),
        ("f32", "real"),
        ("f64", "double precision"),
        ("String", "text"),
        ("&'a str", "text"),
        ("std::borrow::Cow<'a, str>", "text"),
        ("Box<str>", "text"),
        ("Vec<u8>", "bytea"),
        ("&'a [u8]", "bytea"),
        ("[u8; 32]", "bytea"),
        ("Uuid", "uuid"),
        ("sqlx::types::Uuid", "uuid"),
        ("time::Date", "date"),
        ("time::Time", "time without time zone"),
        ("time::OffsetDateTime", "timestamp with time zone"),
        ("time::PrimitiveDateTime", "timestamp without time zone"),
        ("chrono::NaiveDate", "date"),
        ("chrono::NaiveTime", "time without time zone"),
        ("chrono::NaiveDateTime", "timestamp without time zone"),
        ("chrono::DateTime<chrono::Utc>", "timestamp with time zone"),
        ("chrono::DateTime<chrono::FixedOffset>", "timestamp with time zone"),
        ("sqlx::types::chrono::DateTime<Local>", "timestamp with time zone"),
        ("std::time::Duration", "interval"),
        ("rust_decimal::Decimal", "numeric"),
        ("bigdecimal::BigDecimal", "numeric"),
        ("serde_json::Value", "jsonb"),
        ("sqlx::types::Json<Vec<Anything>>", "jsonb"),
        ("ipnetwork::IpNetwork", "inet"),
        ("ipnet::IpNet", "inet"),
        ("std::net::IpAddr", "inet"),
        ("mac_address::MacAddress", "macaddr"),
        ("bit_vec::BitVec", "bit varying"),
        ("PgInterval", "interval"),
        ("PgTimeTz", "time with time zone"),
        ("PgMoney", "money"),
        ("Oid", "oid"),
        ("PgRange<i32>", "int4range"),
        ("PgRange<i64>", "int8range"),
        ("PgRange<Decimal>", "numrange"),
        ("PgRange<chrono::NaiveDateTime>", "tsrange"),
        ("PgRange<time::OffsetDateTime>", "tstzrange"),
        ("PgRange<time::Date>", "daterange"),
        ("PgPoint", "point"),
        ("PgLine", "line"),
        ("PgLSeg", "lseg"),
        ("PgBox", "box"),
        ("PgPath", "path"),
        ("PgPolygon", "polygon"),
        ("PgCircle", "circle"),
        ("Vec<String>", "text[]"),
        ("Vec<Option<i32>>", "integer[]"),
        ("Vec<Vec<u8>>", "bytea[]"),
        ("Vec<chrono::DateTime<Utc>>", "timestamp with time zone[]"),
        ("sqlx::types::Text<Anything>", "text"),
    ];
    let fields = |wrap: fn(&str) -> String| {
        let field = |(n, (rust, _)): (usize, &(&str, &str))| format!("f{n}: {},\n", wrap(rust));
        cases.iter().enumerate().map(field).collect::<String>()
    };
    let (plain, optional) = (fields(str::to_owned), fields(|rust| format!("Option<{rust}>")));
    let (sql, _) = read(&format!(
        "use migrate_runtime::Table;\n#[derive(Table)] struct Plain<'a> {{ {plain} }}\n\
         #[derive(Table)] struct Optional<'a> {{ {optional} }}"
    ));
    let database = Database::new();
    database.psql(&sql);
    for (table, ends) in [("plain", "NOT NULL"), ("optional", "NULL")] {
        let found = database.psql(&format!(
            "SELECT format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT NULL' ELSE ' NULL' END \
             FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 ORDER BY attnum"
        ));
        let found: Vec<&str> = found.lines().collect();
        assert_eq!(found.len(), cases.len());
        for ((rust, expected), found) in cases.iter().zip(found) {
            assert_eq!(found, format!("{expected} {ends}"), "{rust}");
        }
    }
}

#[test]
fn what_the_attributes_say_is_in_the_catalog() {
    let (sql, names) = read(include_str!("models/every_kind.rs"));
    let database = Database::new();
    if database.server_major() < 15 {
        // Unique constraints without distinct nulls came with 15.
        return;
    }
    database.psql(&sql);
    let constraints = database.psql(
        "SELECT conrelid::regclass || ' ' || conname || ': ' || pg_get_constraintdef(oid) FROM pg_constraint \
         WHERE connamespace IN ('public'::regnamespace, 'app'::regnamespace) AND conrelid <> 0 AND conparentid = 0 \
         AND coninhcount = 0 ORDER BY conrelid::regclass::text COLLATE \"C\", conname",
    );
    insta::assert_snapshot!(constraints, @r#"
    app.orders one_delivery: EXCLUDE USING gist (delivery WITH &&) WHERE ((NOT cancelled))
    app.orders orders_amount_check: CHECK ((amount < 1000))
    app.orders orders_amount_positive: CHECK ((amount > 0)) NO INHERIT
    app.orders orders_other_supplier_fkey: FOREIGN KEY (other_supplier) REFERENCES suppliers(id) ON DELETE SET NULL
    app.orders orders_pkey: PRIMARY KEY (shop, id)
    app.orders orders_placed_key: UNIQUE (placed) DEFERRABLE
    app.orders orders_supplier_fkey: FOREIGN KEY (supplier) REFERENCES suppliers(id) ON UPDATE RESTRICT ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
    event event_pkey: PRIMARY KEY (id, at, kind)
    line line_pkey: PRIMARY KEY (id)
    line of_order: FOREIGN KEY (shop, "order") REFERENCES app.orders(shop, id) MATCH FULL
    suppliers suppliers_check: CHECK ((updated_at >= created_at))
    suppliers suppliers_country_code_name_key: UNIQUE NULLS NOT DISTINCT (country, code) INCLUDE (name)
    suppliers suppliers_pk: PRIMARY KEY (id)
    "#);
    let indexes = database.psql(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid \
         WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) AND relnamespace IN ('public'::regnamespace, 'app'::regnamespace) \
         ORDER BY pg_get_indexdef(indexrelid) COLLATE \"C\"",
    );
    insta::assert_snapshot!(indexes, @r#"
    CREATE INDEX orders_amount_shop_idx ON app.orders USING btree (amount, shop)
    CREATE INDEX orders_lower_idx ON app.orders USING btree (lower(note) text_pattern_ops)
    CREATE INDEX orders_status_placed_amount_idx ON app.orders USING btree (status, placed DESC NULLS LAST) INCLUDE (amount) WHERE (NOT cancelled)
    CREATE INDEX suppliers_created_at_idx ON public.suppliers USING brin (created_at)
    CREATE INDEX suppliers_name_idx ON public.suppliers USING btree (name text_pattern_ops)
    CREATE UNIQUE INDEX orders_note ON app.orders USING btree (note COLLATE "C") NULLS NOT DISTINCT
    "#);
    let columns = database.psql(
        "SELECT attrelid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod) \
         || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END \
         || CASE attidentity WHEN 'a' THEN ' ALWAYS' WHEN 'd' THEN ' BY DEFAULT' ELSE '' END \
         || CASE attgenerated WHEN 's' THEN ' STORED' ELSE '' END \
         || coalesce(' = ' || pg_get_expr(adbin, adrelid), '') \
         || CASE WHEN attstattarget > 0 THEN ' statistics ' || attstattarget ELSE '' END \
         || CASE WHEN attstorage = 'e' THEN ' external' ELSE '' END \
         || CASE WHEN collname = 'C' THEN ' COLLATE C' ELSE '' END \
         || coalesce(' -- ' || col_description(attrelid, attnum), '') \
         FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid \
         LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum \
         LEFT JOIN pg_collation ON pg_collation.oid = attcollation \
         WHERE attnum > 0 AND relkind IN ('r', 'p') AND NOT relispartition \
         AND relnamespace IN ('public'::regnamespace, 'app'::regnamespace) \
         ORDER BY attrelid::regclass::text COLLATE \"C\", attnum",
    );
    insta::assert_snapshot!(columns, @r#"
    app.orders.shop integer NOT NULL
    app.orders.id bigint NOT NULL
    app.orders.supplier bigint NOT NULL
    app.orders.other_supplier bigint
    app.orders.status app.state NOT NULL = 'NEW'::app.state
    app.orders.mood mood
    app.orders.moods mood[] NOT NULL
    app.orders.amount integer NOT NULL -- In cents
    app.orders.twice integer NOT NULL STORED = (amount * 2)
    app.orders.cancelled boolean NOT NULL = false
    app.orders.note text
    app.orders.delivery int4range
    app.orders.takes interval NOT NULL
    app.orders.placed date
    event.id bigint NOT NULL
    event.at date NOT NULL
    event.kind text NOT NULL
    line.id bigint NOT NULL ALWAYS
    line.shop integer NOT NULL
    line.order bigint NOT NULL
    special_line.id bigint NOT NULL
    special_line.shop integer NOT NULL
    special_line.order bigint NOT NULL
    special_line.why text NOT NULL
    suppliers.id bigint NOT NULL BY DEFAULT
    suppliers.country text
    suppliers.code text NOT NULL statistics 500 external COLLATE C
    suppliers.name text NOT NULL -- What everybody calls them.
    suppliers.address jsonb NOT NULL
    suppliers.created_at timestamp with time zone NOT NULL = now()
    suppliers.updated_at timestamp with time zone NOT NULL = now()
    "#);
    let tables = database.psql(
        "SELECT * FROM (SELECT pg_class.oid::regclass || ' ' || concat(relkind, relpersistence, relreplident) \
         || CASE WHEN relrowsecurity THEN ' secured' ELSE '' END || CASE WHEN relforcerowsecurity THEN ' forced' ELSE '' END \
         || coalesce(' ' || reloptions::text, '') || coalesce(' ' || pg_get_partkeydef(pg_class.oid), '') \
         || coalesce(' ' || pg_get_expr(relpartbound, pg_class.oid), '') \
         || coalesce(' of ' || inhparent::regclass, '') || coalesce(' -- ' || obj_description(pg_class.oid, 'pg_class'), '') \
         FROM pg_class LEFT JOIN pg_inherits ON inhrelid = pg_class.oid \
         WHERE relkind IN ('r', 'p') AND relnamespace IN ('public'::regnamespace, 'app'::regnamespace) \
         UNION ALL SELECT enumtypid::regtype || ' ' || string_agg(enumlabel, ', ' ORDER BY enumsortorder) \
         || coalesce(' -- ' || obj_description(enumtypid, 'pg_type'), '') FROM pg_enum GROUP BY enumtypid) AS lines (line) ORDER BY line COLLATE \"C\"",
    );
    insta::assert_snapshot!(tables, @r#"
    app.orders rpd -- What was bought
    app.state NEW, PAID_FOR -- Of an order
    event ppd RANGE (at)
    event_2026 ppd LIST (kind) FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') of event
    event_2026_a rpd {fillfactor=90} FOR VALUES IN ('a') of event_2026
    event_rest rpd DEFAULT of event
    line rud
    mood sad, so-so, happy -- How somebody is.
    special_line rpd of line
    suppliers rpf secured forced {fillfactor=70} -- Who sells.
    "#);
    // What is foretold of names is what the server gave.
    let given = database.psql(
        "SELECT 'constraint ' || relname || ' ' || conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid \
         WHERE connamespace IN ('public'::regnamespace, 'app'::regnamespace) AND conparentid = 0 AND coninhcount = 0 \
         AND contype <> 'n' \
         UNION ALL SELECT 'index ' || nspname || ' ' || relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid \
         JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname IN ('public', 'app') \
         AND NOT relispartition AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))",
    );
    let given: BTreeSet<&str> = given.lines().collect();
    assert_eq!(names.iter().map(String::as_str).collect::<BTreeSet<_>>(), given);
}

#[test]
fn files_are_those_of_the_package_or_those_that_it_names() {
    let model = |name: &str| format!("#[derive(migrate_runtime::Table)] pub struct {name} {{ id: i32 }}\n");
    let project = package("pub mod shop;\n#[cfg(test)] mod tests;\n");
    project.write("src/shop.rs", &format!("mod inner;\n{}", model("Shop")));
    project.write("src/shop/inner.rs", &model("Inner"));
    project.write("src/tests.rs", &model("OfTests"));
    project.write("src/bin/program.rs", &model("Program"));
    project.write("tests/other.rs", &model("OfOtherTests"));
    let tables = |project: &Project| {
        let (sql, _) = models_as_sql(&project.path("Cargo.toml"))?;
        let tables = sql.lines().filter_map(|line| line.strip_prefix("CREATE TABLE ")?.strip_suffix(" ("));
        Ok::<_, String>(tables.collect::<Vec<_>>().join(" "))
    };
    assert_eq!(tables(&project).as_deref(), Ok(r#""inner" program shop"#));
    project.write("src/lost.rs", &model("Lost"));
    let problem = tables(&project).expect_err("a file is lost");
    assert!(
        problem.contains(
            "src/lost.rs:1:46: `Lost` is in a file that no `mod` item of the package leads to; declare the module"
        ),
        "{problem}"
    );
    // A condition on the way to a file is no matter where the file is named.
    project.write("src/lib.rs", "pub mod shop;\n#[cfg(test)] mod tests;\n#[cfg(feature = \"server\")] mod served;\n");
    project.write("src/served.rs", &model("Served"));
    let manifest = project.read("Cargo.toml");
    for (models, expected) in [
        ("[\"src/shop\", \"src/lo*.rs\"]", Ok(r#""inner" lost"#)),
        ("\"src/shop.rs\"", Ok("shop")),
        ("\"src/served.rs\"", Ok("served")),
        ("[]", Ok("")),
        (
            "\"src/nothing\"",
            Err("Cargo.toml: `src/nothing` in `models` names no Rust file; name folders or files of the package"),
        ),
        (
            "3",
            Err(
                "Cargo.toml:9:10: `models` must be paths relative to the package; for example `models = [\"src/models\"]`",
            ),
        ),
    ] {
        project.write("Cargo.toml", &format!("{manifest}\n[package.metadata.migrate]\nmodels = {models}\n"));
        match (tables(&project), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{models}"),
            (Err(problem), Err(expected)) => assert!(problem.contains(expected), "{problem}"),
            (found, _) => panic!("{models}: {found:?}"),
        }
    }
}

#[test]
fn a_diff_leads_from_a_database_to_the_models() {
    let database = migrate_tests::Database::new();
    database.psql("CREATE TABLE products (id bigint PRIMARY KEY, old text)");
    let project = package(
        "#[derive(migrate_runtime::Table)]\n#[table(name = \"products\")]\npub struct Product {\n    \
         #[column(primary_key)]\n    pub id: i64,\n    pub note: Option<String>,\n}\n",
    );
    let typed = |words: &str| {
        let command = project.run(migrate_tests::cargo_migrate!()).args(words.split_whitespace());
        command.env("DATABASE_URL", database.url()).run()
    };
    let sql = typed("diff --from database --to models").success().stdout;
    assert_eq!(
        sql,
        "-- destroys data: the values of products.old\nALTER TABLE products\n    DROP COLUMN old,\n    ADD COLUMN note text;\n"
    );
    database.psql(&sql);
    assert_eq!(typed("diff --from database --to models --exit-code").success().stdout, "");
}
