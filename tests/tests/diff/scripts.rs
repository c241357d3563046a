//! What the scripts look like, what is told of lost data, and what renames do. Each script is run, and judged by what
//! the server then has.

use crate::check::{load_text, read};
use insta::assert_snapshot;
use migrate_schema::{Diff, Options, Rename, diff, rename_candidates};
use migrate_tests::{Cluster, Database, schema_dump};

/// Two databases with these schemas.
fn pair(before: &str, after: &str) -> (Database<'static>, Database<'static>) {
    let (current, desired) = (Database::on(Cluster::shared()), Database::on(Cluster::shared()));
    load_text(&current, before);
    load_text(&desired, after);
    (current, desired)
}

/// The difference, after it was found to lead from the one to the other.
fn tried(current: &Database<'_>, desired: &Database<'_>, renames: &[&str]) -> Diff {
    let catalog = read(current);
    let renames = renames.iter().map(|text| Rename::parse(text, &catalog).expect("the rename can be read")).collect();
    let found = diff(&catalog, &read(desired), &Options::default().with_renames(renames));
    current.psql(&found.sql());
    let (dumped, wanted) = (schema_dump::of(current), schema_dump::of(desired));
    assert_eq!(dumped, wanted, "{}", found.sql());
    found
}

/// The script as every release prints it: from 16 on a view of one table does not say which.
fn shown(found: &Diff) -> String {
    found
        .sql()
        .replace(" orders.", " ")
        .replace("(orders.", "(")
        .replace(" purchases.", " ")
        .replace("(purchases.", "(")
}

const SHOP: &str = "
    CREATE TYPE state AS ENUM ('new', 'paid');
    CREATE TABLE customers (id serial PRIMARY KEY, name varchar(50) NOT NULL);
    CREATE TABLE orders (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        customer_id int NOT NULL REFERENCES customers ON DELETE CASCADE,
        state state NOT NULL DEFAULT 'new',
        note text,
        CHECK (note <> '')
    );
    CREATE INDEX ON orders (customer_id) WHERE state = 'new';
    CREATE VIEW open_orders AS SELECT id, note FROM orders WHERE state = 'new';
    COMMENT ON TABLE orders IS 'What was ordered';";

#[test]
fn a_schema_is_written_as_a_person_would() {
    let (current, desired) = pair("", SHOP);
    assert_snapshot!(shown(&tried(&current, &desired, &[])));
}

#[test]
fn what_is_lost_is_told_where_it_is_lost() {
    let after = "
        CREATE TYPE state AS ENUM ('new');
        CREATE TABLE orders (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            customer_id smallint NOT NULL,
            state state NOT NULL DEFAULT 'new'
        );";
    let (current, desired) = pair(SHOP, after);
    let found = tried(&current, &desired, &[]);
    assert_snapshot!(shown(&found));
    assert_eq!(
        found.losses().collect::<Vec<_>>(),
        [
            "the rows of customers",
            "the values of orders.note",
            "the value 'paid' of state, which no row may hold",
            "what does not fit smallint in orders.customer_id",
        ]
    );
}

#[test]
fn what_is_renamed_keeps_its_rows() {
    let after = SHOP.replace("orders", "purchases").replace("note", "remark").replace("'new'", "'open'");
    let (current, desired) = pair(SHOP, &after);
    current
        .psql("INSERT INTO customers (name) VALUES ('a'); INSERT INTO orders (customer_id, note) VALUES (1, 'kept')");
    let found = tried(&current, &desired, &["orders=purchases", "orders.note=remark", "state.new=open"]);
    assert_snapshot!(shown(&found));
    assert_eq!(found.losses().count(), 0);
    assert_eq!(current.ask("SELECT remark FROM purchases"), "kept");
}

#[test]
fn a_name_that_alone_differs_is_changed_and_nothing_made_anew() {
    let (before, after) = (
        "CREATE TABLE t (a int CONSTRAINT b UNIQUE, c int); CREATE INDEX i ON t (c);",
        "CREATE TABLE t (a int CONSTRAINT d UNIQUE, c int); CREATE INDEX j ON t (c);",
    );
    let (current, desired) = pair(before, after);
    assert_snapshot!(tried(&current, &desired, &[]).sql(), @"
    ALTER TABLE t RENAME CONSTRAINT b TO d;

    ALTER INDEX i RENAME TO j;
    ");
}

#[test]
fn renames_are_offered_and_not_guessed() {
    let (before, after) =
        ("CREATE TABLE t (id int, name text, age int);", "CREATE TABLE t (id int, title text, age int);");
    let (current, desired) = pair(before, after);
    let (now, then) = (read(&current), read(&desired));
    let offered = rename_candidates(&now, &then);
    assert_eq!(offered, [Rename::parse("t.name=title", &now).expect("the column is there")]);
    assert_eq!(diff(&now, &then, &Options::default()).losses().collect::<Vec<_>>(), ["the values of t.name"]);
    let unknown = Rename::parse("t.nam=title", &now).expect_err("there is no such column");
    assert_eq!(unknown.to_string(), "there is no table, column, type, sequence or view `t.nam` to rename");
}

#[test]
fn a_new_value_of_an_enum_is_committed_before_it_is_used() {
    let (before, after) = (
        "CREATE TYPE s AS ENUM ('a', 'c'); CREATE TABLE t (s s DEFAULT 'a');",
        "CREATE TYPE s AS ENUM ('a', 'b', 'c'); CREATE TABLE t (s s DEFAULT 'b');",
    );
    let (current, desired) = pair(before, after);
    let found = tried(&current, &desired, &[]);
    assert_eq!(found.ops.iter().filter(|op| op.needs_commit).count(), 1);
    assert_snapshot!(found.sql(), @"
    ALTER TYPE s ADD VALUE 'b' AFTER 'a';

    -- The value can be used when this is committed.

    ALTER TABLE t ALTER COLUMN s SET DEFAULT 'b'::s;
    ");
}

#[test]
fn a_dump_makes_an_equal_schema_in_a_new_database() {
    let (current, desired) = pair("", SHOP);
    let catalog = read(&desired);
    let fresh = migrate_schema::Catalog::fresh(catalog.server_version);
    let dump = diff(&fresh, &catalog, &Options::default().with_privileges()).sql();
    assert_eq!(dump, diff(&fresh, &catalog, &Options::default()).sql(), "nothing was granted");
    current.psql(&dump);
    assert!(diff(&read(&current), &catalog, &Options::default().with_privileges().with_owners()).is_empty());
}

#[test]
fn the_counter_of_a_sequence_of_its_own_is_lost_with_it() {
    let (before, after) = (
        "CREATE SEQUENCE alone; CREATE TABLE t (id serial); CREATE TABLE gone (id serial);",
        "CREATE TABLE t (id int NOT NULL);",
    );
    let (current, desired) = pair(before, after);
    let found = tried(&current, &desired, &[]);
    assert_eq!(found.losses().collect::<Vec<_>>(), ["the rows of gone", "the counter of alone"]);
}
