//! What is told of locks is what the server does: a table that is said to be rewritten gets a new file, and no other.

use crate::check::{load_text, read};
use insta::assert_snapshot;
use migrate_schema::hazard::Work;
use migrate_schema::{Catalog, Diff, Options, diff};
use migrate_tests::{Cluster, Database};

/// The difference between two schemas, of which the first has these rows.
fn between(before: &str, rows: &str, after: &str) -> (Database<'static>, Diff) {
    let (current, desired) = (Database::on(Cluster::shared()), Database::on(Cluster::shared()));
    load_text(&current, before);
    load_text(&desired, after);
    let found = diff(&read(&current), &read(&desired), &Options::default());
    current.psql(rows);
    (current, found)
}

const AROUND: &str = "
    CREATE DOMAIN plain AS varchar(10);
    CREATE DOMAIN checked AS varchar(10) CHECK (VALUE <> '');
    CREATE FUNCTION volatile_one() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
    CREATE FUNCTION stable_one() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';";

/// Each line is what a table has before and after, in one column `c`.
const CHANGES: &[(&str, &str)] = &[
    ("c varchar(5)", "c varchar(9)"),
    ("c varchar(9)", "c varchar(5)"),
    ("c varchar(5)", "c text"),
    ("c text", "c varchar"),
    ("c text", "c varchar(9)"),
    ("c char(5)", "c char(9)"),
    ("c char(5)", "c text"),
    ("c int", "c bigint"),
    ("c int", "c oid"),
    ("c numeric(6,2)", "c numeric(9,2)"),
    ("c numeric(6,2)", "c numeric"),
    ("c numeric(6,2)", "c numeric(9,3)"),
    ("c numeric", "c numeric(9,2)"),
    ("c timestamp(3)", "c timestamp"),
    ("c timestamptz(3)", "c timestamptz(5)"),
    ("c timestamptz(5)", "c timestamptz(3)"),
    ("c timestamp", "c date"),
    ("c interval(2)", "c interval"),
    ("c varbit(3)", "c varbit(5)"),
    ("c bit(3)", "c bit(3)"),
    ("c cidr", "c inet"),
    ("c inet", "c cidr"),
    ("c json", "c jsonb"),
    ("c text[]", "c varchar(9)[]"),
    ("c varchar(10)", "c plain"),
    ("c plain", "c varchar(10)"),
    ("c plain", "c text"),
    ("c varchar(10)", "c checked"),
    ("c checked", "c text"),
    ("c text", "c text COLLATE \"C\""),
    ("c int", "c int NOT NULL"),
    ("c int", "c int DEFAULT 3"),
    ("c int", "c int, d int DEFAULT 3"),
    ("c int", "c int, d int NOT NULL DEFAULT 3"),
    ("c int", "c int, d timestamptz DEFAULT now()"),
    ("c int", "c int, d timestamptz DEFAULT clock_timestamp()"),
    ("c int", "c int, d uuid DEFAULT gen_random_uuid()"),
    ("c int", "c int, d text DEFAULT 'random('"),
    ("c int", "c int, d int DEFAULT volatile_one()"),
    ("c int", "c int, d int DEFAULT stable_one()"),
    ("c int", "c int, d int GENERATED ALWAYS AS IDENTITY"),
    ("c int", "c int, d serial"),
    ("c int", "c int, d int GENERATED ALWAYS AS (c + 1) STORED"),
    ("c int", "c int, d plain"),
    ("c int", "c int, d checked DEFAULT 'x'"),
];

#[test]
fn a_table_gets_a_new_file_when_it_is_said_to_be_rewritten() {
    let schema = |side: fn(&(&'static str, &'static str)) -> &'static str| {
        let tables = CHANGES.iter().enumerate().map(|(n, change)| format!("CREATE TABLE t{n} ({});", side(change)));
        format!("{AROUND}{}", tables.collect::<String>())
    };
    let (database, found) = between(&schema(|change| change.0), "", &schema(|change| change.1));
    let files = || {
        database.ask("SELECT string_agg(relname || ' ' || relfilenode, ',' ORDER BY relname) FROM pg_class WHERE relname ~ '^t[0-9]+$'")
    };
    let before = files();
    database.psql(&found.sql());
    let after = files();
    let is_new = |n: usize| {
        let entry = |files: &str| {
            let mut entries = files.split(',').filter_map(|entry| entry.split_once(' '));
            entries.find(|(name, _)| *name == format!("t{n}")).map(|(_, file)| file.to_owned())
        };
        entry(&before) != entry(&after)
    };
    for (n, change) in CHANGES.iter().enumerate() {
        let is_told = found.hazards().any(|hazard| hazard.table == format!("t{n}") && hazard.work == Work::Rewrite);
        assert_eq!(is_told, is_new(n), "{change:?}");
    }
}

#[test]
fn what_users_wait_for_stands_above_each_statement_once() {
    let before = "
        CREATE DOMAIN code AS text;
        CREATE TABLE users (id int PRIMARY KEY, name text, age int, code code, CONSTRAINT known CHECK (age IS NOT NULL));
        CREATE TABLE orders (id int, user_id int, state text, day date NOT NULL) ;
        CREATE TABLE log (day date NOT NULL) PARTITION BY RANGE (day);
        CREATE TABLE log_20 (day date NOT NULL);
        CREATE INDEX users_name ON users (name);";
    let after = "
        CREATE DOMAIN code AS text CHECK (VALUE <> '');
        CREATE TABLE users (id bigint PRIMARY KEY, name text COLLATE \"C\" NOT NULL, age int NOT NULL, code code,
            CONSTRAINT known CHECK (age IS NOT NULL), CONSTRAINT named UNIQUE (name));
        CREATE UNLOGGED TABLE orders (id int, user_id int, state text, day date NOT NULL, note text DEFAULT '',
            CONSTRAINT known CHECK (state <> ''));
        ALTER TABLE orders ADD CONSTRAINT paid CHECK (state <> 'p') NOT VALID;
        CREATE TABLE carts (user_id bigint REFERENCES users);
        CREATE TABLE log (day date NOT NULL) PARTITION BY RANGE (day);
        CREATE TABLE log_20 PARTITION OF log FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
        CREATE INDEX users_name ON users (name);
        CREATE INDEX orders_day ON orders (day);
        CREATE INDEX carts_user ON carts (user_id);";
    let (database, found) = between(before, "", after);
    database.psql(&found.sql());
    assert_snapshot!(found.sql());
}

#[test]
fn nobody_waits_for_what_is_new() {
    let after = "
        CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL UNIQUE CHECK (name <> ''));
        CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY, user_id int REFERENCES users);
        CREATE INDEX ON orders (user_id);";
    let database = Database::on(Cluster::shared());
    load_text(&database, after);
    let desired = read(&database);
    let found = diff(&Catalog::fresh(desired.server_version), &desired, &Options::default());
    assert_eq!(found.hazards().count(), 0, "{}", found.sql());
    assert!(!found.sql().contains("-- locks:"));
}
