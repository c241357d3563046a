//! Differences in the shape that tables in use bear, where no server of the tests has the case.

mod catalogs;

use std::collections::BTreeSet;

use catalogs::{any_catalog, catalog, column, function, name, reference, table, tables, view};
use migrate_schema::kind::column::{Column, Identity};
use migrate_schema::kind::constraint::{Constraint, ConstraintSort};
use migrate_schema::kind::domain::Domain;
use migrate_schema::kind::sequence::SequenceOptions;
use migrate_schema::kind::storage::Parameters;
use migrate_schema::kind::table::{Sort, Table};
use migrate_schema::{Catalog, ChangeSort, Id, Kind, Name, Object, Options, Purpose, Stage, changes, stages};
use proptest::prelude::*;

fn plain(current: &Catalog, desired: &Catalog) -> Vec<Stage> {
    stages(current, desired, &Options::default(), false)
}

fn online(current: &Catalog, desired: &Catalog) -> Vec<Stage> {
    stages(current, desired, &Options::default(), true)
}

/// A table of this name, with a column that may or may not be null.
fn with_column(table_name: &str, column_name: &str, is_not_null: bool) -> Vec<(Id, Object)> {
    let Object::Column(bare) = column(1, "integer") else { unreachable!("it is a column") };
    let its = Object::Column(Column { is_not_null, ..bare });
    vec![(Id::relation(&name(table_name)), table()), (Id::column(&name(table_name), column_name), its)]
}

fn of_sort(sort: Sort) -> Object {
    let Object::Table(bare) = table() else { unreachable!("it is a table") };
    Object::Table(Table { sort, ..bare })
}

fn constraint(sort: ConstraintSort, definition: &str) -> Object {
    let Object::Constraint(bare) = reference("t") else { unreachable!("it is a constraint") };
    Object::Constraint(Constraint { sort, definition: definition.to_owned(), refers_to: None, ..bare })
}

/// The name of the check that a column gets for a while.
fn check_name(table_name: &str, column_name: &str, others: &[(Id, Object)]) -> String {
    let schema = |is_not_null| {
        catalog(with_column(table_name, column_name, is_not_null).into_iter().chain(others.iter().cloned()), &[])
    };
    let sql = plain(&schema(false), &schema(true))[0].up.sql();
    let rest = sql.split("ADD CONSTRAINT ").nth(1).expect("a check");
    rest.split(" CHECK").next().expect("its name").to_owned()
}

#[test]
fn a_check_that_lasts_a_moment_has_a_name_that_is_free_and_fits() {
    assert_eq!(check_name("t", "c", &[]), "t_c_is_set");
    let taken =
        |text: &str| (Id::part(Kind::Constraint, name("t"), text), constraint(ConstraintSort::Check, "CHECK (true)"));
    assert_eq!(check_name("t", "c", &[taken("t_c_is_set")]), "t_c_is_set1");
    assert_eq!(check_name("t", "c", &[taken("t_c_is_set"), taken("t_c_is_set1")]), "t_c_is_set2");
    let long = "x".repeat(63);
    assert_eq!(check_name(&long, "c", &[]), long);
    // Names are cut between characters.
    let umlauts = "ä".repeat(31);
    let found = check_name(&umlauts, "c", &[]);
    let found = found.trim_matches('"');
    assert!(found.len() <= 63 && umlauts.starts_with(&found[..60]), "{found}");
}

#[test]
fn a_table_of_another_server_is_not_looked_at() {
    let foreign = || of_sort(Sort::Foreign { server: "s".to_owned(), options: Parameters::default() });
    let schema = |is_not_null| {
        let mut objects = with_column("t", "c", is_not_null);
        objects[0].1 = foreign();
        catalog(objects, &[])
    };
    let found = plain(&schema(false), &schema(true));
    assert!(!found[0].up.sql().contains("VALIDATE"), "{}", found[0].up.sql());
    assert!(found[0].backfills.is_empty());
}

/// PostgreSQL 18 is the first that takes a foreign key of a partitioned table without a look at its rows.
#[test]
fn a_reference_of_a_partitioned_table_is_checked_later_where_the_server_can() {
    let before = |version| {
        let mut objects = tables(&["a", "b"]);
        objects[0].1 = of_sort(Sort::Partitioned("HASH (id)".to_owned()));
        let mut catalog = catalog(objects, &[]);
        catalog.server_version = version;
        catalog
    };
    let after = |version| {
        let mut catalog = before(version);
        catalog.objects.insert(Id::part(Kind::Constraint, name("a"), "a_b"), reference("b"));
        catalog
    };
    let sql = |version| plain(&before(version), &after(version))[0].up.sql();
    assert!(!sql(170_000).contains("NOT VALID"), "{}", sql(170_000));
    assert!(sql(180_000).contains("NOT VALID") && sql(180_000).contains("VALIDATE CONSTRAINT a_b"), "{}", sql(180_000));
}

#[test]
fn a_unique_constraint_takes_over_an_index_with_all_that_it_says() {
    let up = |definition: &str| {
        let before = catalog(tables(&["t"]), &[]);
        let mut after = before.clone();
        let unique = constraint(ConstraintSort::Unique, definition);
        after.objects.insert(Id::part(Kind::Constraint, name("t"), "once"), unique);
        let found = online(&before, &after);
        let purposes: Vec<Purpose> = found.iter().map(|stage| stage.purpose).collect();
        (purposes, found[0].up.sql())
    };
    let (purposes, sql) = up("UNIQUE NULLS NOT DISTINCT (a, b) INCLUDE (c) DEFERRABLE INITIALLY DEFERRED");
    assert_eq!(purposes, [Purpose::Online]);
    assert_eq!(
        sql,
        "CREATE UNIQUE INDEX CONCURRENTLY once ON t (a, b) INCLUDE (c) NULLS NOT DISTINCT;\n\n\
         ALTER TABLE t ADD CONSTRAINT once UNIQUE USING INDEX once DEFERRABLE INITIALLY DEFERRED;\n"
    );
    // Only the constraint can make its index.
    let (purposes, sql) = up("UNIQUE (a, b WITHOUT OVERLAPS)");
    assert_eq!(purposes, [Purpose::Schema]);
    assert!(!sql.contains("CONCURRENTLY"), "{sql}");
}

#[test]
fn what_is_told_is_what_a_person_sees() {
    let (read, id) = (Id::relation(&name("reads")), Id::column(&name("t"), "id"));
    let schema = |ty: &str| {
        let mut objects = tables(&["t"]);
        objects.push((id.clone(), column(1, ty)));
        objects.push((read.clone(), view(" SELECT t.id FROM t")));
        catalog(objects, &[(&read, &id)])
    };
    let told = |current: &Catalog, desired: &Catalog| -> Vec<String> {
        changes(current, desired, &Options::default()).iter().map(ToString::to_string).collect()
    };
    // The view that is made again around the column is no change.
    assert_eq!(told(&schema("integer"), &schema("bigint")), ["changed column 't.id': type bigint, it was integer"]);
    // What comes or goes with a table is told with it.
    let empty = catalog([], &[]);
    assert_eq!(told(&empty, &schema("integer")), ["added view 'reads'", "added table 't'"]);
    assert_eq!(told(&schema("integer"), &empty), ["removed view 'reads'", "removed table 't'"]);
}

#[test]
fn what_models_cannot_say_stays_and_falls_with_what_it_stands_on() {
    let (read, id) = (Id::relation(&name("reads")), Id::column(&name("t"), "id"));
    let f = Id::part(Kind::Routine, name("f"), "");
    let mut objects = tables(&["t", "gone"]);
    objects.push((read.clone(), view(" SELECT t.id FROM t")));
    objects.push((f.clone(), function("SELECT 1")));
    let current = catalog(objects, &[(&read, &id)]);
    let completed = |desired: Catalog| desired.complete_tables(&mut current.clone(), &[], &BTreeSet::new());
    let kept = completed(catalog(tables(&["t"]), &[]));
    assert!(kept.contains(&read) && kept.contains(&f) && !kept.contains(&Id::relation(&name("gone"))));
    assert!(changes(&current, &kept, &Options::default()).iter().all(|change| change.sort == ChangeSort::Removed));
    let fallen = completed(catalog(tables(&["gone"]), &[]));
    assert!(!fallen.contains(&read) && fallen.contains(&f));
    // A table of another crate that shares the database stays, too.
    let theirs = BTreeSet::from([Id::relation(&Name::new("public", "gone"))]);
    let shared = catalog(tables(&["t"]), &[]).complete_tables(&mut current.clone(), &[], &theirs);
    assert!(changes(&current, &shared, &Options::default()).is_empty());
}

/// The column of a table is to refuse null, and nothing else changes.
#[test]
fn a_stage_without_statements_is_none_and_what_undoes_it_is_kept() {
    let schema = |is_not_null| catalog(with_column("t", "c", is_not_null), &[]);
    let found = online(&schema(false), &schema(true));
    let [only] = &found[..] else { panic!("{found:?}") };
    assert_eq!(only.purpose, Purpose::Online);
    assert_eq!(
        only.down.sql(),
        "ALTER TABLE t\n    DROP CONSTRAINT IF EXISTS t_c_is_set,\n    ALTER COLUMN c DROP NOT NULL;\n"
    );
    assert!(only.down_is_transactional);
    // Beside another change it is undone where it is done.
    let mut more = schema(true);
    more.objects.insert(Id::column(&name("t"), "d"), column(2, "integer"));
    let found = online(&schema(false), &more);
    let [first, last] = &found[..] else { panic!("{found:?}") };
    assert_eq!(first.up.sql(), "ALTER TABLE t ADD COLUMN d integer;\n");
    assert!(!first.down.sql().contains("NOT NULL"), "{}", first.down.sql());
    assert!(last.down.sql().contains("ALTER COLUMN c DROP NOT NULL"), "{}", last.down.sql());
}

/// Only a column that refuses null numbers rows.
#[test]
fn a_column_refuses_null_before_it_numbers_rows() {
    let (before, mut after) = (catalog(with_column("t", "c", false), &[]), catalog(with_column("t", "c", true), &[]));
    let Some(Object::Column(its)) = after.objects.get_mut(&Id::column(&name("t"), "c")) else { panic!("no column") };
    let options = SequenceOptions::new("integer", 1, 1, i64::from(i32::MAX), 1, 1, false);
    its.identity = Some(Identity { is_always: true, sequence: name("t_c_seq"), options, is_unlogged: false });
    for found in [plain(&before, &after), online(&before, &after)] {
        let [only] = &found[..] else { panic!("{found:?}") };
        let sql = only.up.sql();
        let place = |text: &str| sql.find(text).unwrap_or_else(|| panic!("no {text} in {sql}"));
        assert!(place("VALIDATE") < place("SET NOT NULL") && place("SET NOT NULL") < place("ADD GENERATED"), "{sql}");
        assert_eq!(only.backfills, ["t.c"]);
    }
}

/// What refers to it needs the key at once.
#[test]
fn a_key_that_is_made_early_comes_after_the_values_of_its_columns() {
    let before = catalog([(Id::relation(&name("t")), table())], &[]);
    let key = Id::part(Kind::Constraint, name("t"), "t_pkey");
    let (column_id, other_id) = (Id::column(&name("t"), "c"), Id::part(Kind::Constraint, name("o"), "o_t"));
    let mut objects = with_column("t", "c", true);
    objects.push((key.clone(), constraint(ConstraintSort::PrimaryKey, "PRIMARY KEY (c)")));
    objects.extend(tables(&["o"]));
    objects.push((other_id.clone(), reference("t")));
    let found = online(&before, &catalog(objects, &[(&key, &column_id), (&other_id, &key)]));
    let [only] = &found[..] else { panic!("{found:?}") };
    let sql = only.up.sql();
    assert!(sql.find("-- backfill") < sql.find("PRIMARY KEY") && sql.contains("-- backfill"), "{sql}");
    assert_eq!(only.backfills, ["t.c"]);
}

/// The new one is ready before the old one ends, and so it is on the way back.
#[test]
fn a_unique_constraint_that_changes_is_never_missed() {
    let schema = |definition: &str| {
        let mut catalog = catalog(tables(&["t", "once_new"]), &[]);
        let id = Id::part(Kind::Constraint, name("t"), "once");
        catalog.objects.insert(id, constraint(ConstraintSort::Unique, definition));
        catalog
    };
    let found = online(&schema("UNIQUE (a)"), &schema("UNIQUE (b) DEFERRABLE"));
    let [only] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        only.up.sql(),
        "CREATE UNIQUE INDEX CONCURRENTLY once_new1 ON t (b);\n\n\
         ALTER TABLE t\n    DROP CONSTRAINT once,\n    ADD CONSTRAINT once UNIQUE USING INDEX once_new1 DEFERRABLE;\n"
    );
    assert_eq!(
        only.down.sql(),
        "DROP INDEX CONCURRENTLY IF EXISTS once_new1;\n\n\
         CREATE UNIQUE INDEX CONCURRENTLY once_new1 ON t (a);\n\n\
         ALTER TABLE t\n    DROP CONSTRAINT IF EXISTS once,\n    ADD CONSTRAINT once UNIQUE USING INDEX once_new1;\n"
    );
}

/// No shape helps where it is the type that refuses null.
#[test]
fn a_domain_that_refuses_null_is_told_unless_it_has_a_default() {
    let up = |default: Option<&str>, is_not_null, column_is_not_null| {
        let domain = |base: &str, default: Option<&str>, is_not_null| {
            let default = default.map(str::to_owned);
            Object::Domain(Domain { base: base.to_owned(), collation: None, is_not_null, default })
        };
        let mut objects = tables(&["t"]);
        objects.push((Id::new(Kind::Type, name("below")), domain("integer", None, is_not_null)));
        objects.push((Id::new(Kind::Type, name("above")), domain("below", default, false)));
        let before = catalog(objects.clone(), &[]);
        let Object::Column(bare) = column(2, "above") else { unreachable!("it is a column") };
        objects.push((Id::column(&name("t"), "c"), Object::Column(Column { is_not_null: column_is_not_null, ..bare })));
        let after = catalog(objects, &[]);
        let found = online(&before, &after);
        assert_eq!(
            plain(&before, &after)[0].backfills,
            found.iter().flat_map(|stage| stage.backfills.clone()).collect::<Vec<_>>()
        );
        let purposes: Vec<Purpose> = found.iter().map(|stage| stage.purpose).collect();
        (purposes, found[0].up.sql(), found[0].backfills.clone())
    };
    let (purposes, sql, backfills) = up(None, true, true);
    assert_eq!(purposes, [Purpose::Schema]);
    assert_eq!(
        sql,
        "-- backfill: above refuses null even for a moment: if there are rows, add c with a default, as in\n\
         -- ALTER TABLE t ADD COLUMN c above DEFAULT …;\n\
         -- ALTER TABLE t ALTER COLUMN c DROP DEFAULT;\n\
         ALTER TABLE t ADD COLUMN c above NOT NULL;\n"
    );
    assert_eq!(backfills, ["t.c"]);
    assert_eq!(up(None, true, false).2, ["t.c"]);
    let (_, sql, backfills) = up(Some("5"), true, true);
    assert_eq!(sql, "ALTER TABLE t ADD COLUMN c above NOT NULL;\n");
    assert!(backfills.is_empty());
    // One that takes null is softened as any type is.
    assert_eq!(up(None, false, true).0, [Purpose::Schema, Purpose::Online]);
    assert!(up(None, false, false).2.is_empty());
}

/// Nothing tells how far what runs in no transaction came.
#[test]
fn what_is_made_online_is_undone_however_far_it_came() {
    let before = catalog(tables(&["t"]), &[]);
    let mut after = before.clone();
    after
        .objects
        .insert(Id::part(Kind::Constraint, name("t"), "once"), constraint(ConstraintSort::Unique, "UNIQUE (id)"));
    let found = online(&before, &after);
    assert_eq!(
        found[0].down.sql(),
        "ALTER TABLE t DROP CONSTRAINT IF EXISTS once;\n\nDROP INDEX CONCURRENTLY IF EXISTS once;\n"
    );
    assert!(!found[0].down_is_transactional);
}

proptest! {
    #[test]
    fn there_are_no_stages_without_a_difference(catalog in any_catalog(), is_online in any::<bool>()) {
        prop_assert!(stages(&catalog, &catalog, &Options::default(), is_online).is_empty());
    }

    #[test]
    fn stages_between_any_two_catalogs_do_all_that_is_told(
        (current, desired) in (any_catalog(), any_catalog()),
        is_online in any::<bool>(),
    ) {
        let found = stages(&current, &desired, &Options::default(), is_online);
        let done = |id: &Id| found.iter().any(|stage| stage.up.ops.iter().any(|op| op.id == *id));
        for change in changes(&current, &desired, &Options::default()) {
            let is_left = matches!(change.sort, ChangeSort::Unsupported | ChangeSort::Renamed);
            prop_assert!(is_left || done(&change.id), "{} is not done", change);
        }
        for stage in &found {
            prop_assert!(!stage.up.sql().is_empty() || stage.up.ops.iter().all(|op| op.statements.is_empty()));
            prop_assert!(stage.down_is_transactional || stage.purpose == Purpose::Online);
        }
    }
}
