//! The plan for small catalogs, and that there is one for any.

mod catalogs;

use catalogs::{any_catalog, catalog, column, function, name, reference, tables, view};
use migrate_schema::kind::comment::Comment;
use migrate_schema::kind::enumeration::Enum;
use migrate_schema::{Action, Aspect, Catalog, Diff, Id, Kind, Object, Options, Rename, changes, diff};
use proptest::prelude::*;

fn plan(current: &Catalog, desired: &Catalog) -> Diff {
    diff(current, desired, &Options::default())
}

#[test]
fn tables_that_refer_to_each_other_get_one_reference_later() {
    let mut objects = tables(&["a", "b"]);
    objects.push((Id::part(Kind::Constraint, name("a"), "a_b"), reference("b")));
    objects.push((Id::part(Kind::Constraint, name("b"), "b_a"), reference("a")));
    let desired = catalog(objects, &[]);
    let script = plan(&catalog([], &[]), &desired).sql();
    let add = |table: &str, constraint: &str, other: &str| {
        format!("ALTER TABLE {table} ADD CONSTRAINT {constraint} FOREIGN KEY (id) REFERENCES {other}(id);")
    };
    assert!(script.ends_with(&format!("{}\n\n{}\n", add("a", "a_b", "b"), add("b", "b_a", "a"))), "{script}");
    let back = plan(&desired, &catalog([], &[])).sql();
    let drops = back.find("DROP CONSTRAINT").zip(back.find("DROP TABLE"));
    assert!(drops.is_some_and(|(constraint, table)| constraint < table), "{back}");
}

#[test]
fn a_table_refers_to_one_that_is_made_before_it() {
    let mut objects = tables(&["a", "z"]);
    objects.push((Id::part(Kind::Constraint, name("a"), "a_z"), reference("z")));
    let script = plan(&catalog([], &[]), &catalog(objects, &[])).sql();
    assert_eq!(
        script,
        "CREATE TABLE z (\n    id integer\n);\n\n\
         CREATE TABLE a (\n    id integer,\n    CONSTRAINT a_z FOREIGN KEY (id) REFERENCES z(id)\n);\n"
    );
}

#[test]
fn what_stands_on_a_column_is_made_again_around_its_new_type_with_its_comment() {
    let (read, column_id) = (Id::relation(&name("reads")), Id::column(&name("t"), "id"));
    let comment = (read.aspect(Aspect::Comment), Object::Comment(Comment("kept".to_owned())));
    let schema = |ty: &str| {
        let mut objects = tables(&["t"]);
        objects.push((column_id.clone(), column(1, ty)));
        objects.push((read.clone(), view(" SELECT t.id FROM t")));
        objects.push(comment.clone());
        catalog(objects, &[(&read, &column_id)])
    };
    assert_eq!(
        plan(&schema("bigint"), &schema("integer")).sql(),
        "DROP VIEW reads;\n\n\
         -- destroys data: what does not fit integer in t.id\n\
         -- locks: t against reads and writes while every row is rewritten\n\
         ALTER TABLE t ALTER COLUMN id TYPE integer;\n\n\
         CREATE VIEW reads AS\n SELECT t.id FROM t;\n\n\
         COMMENT ON VIEW reads IS 'kept';\n"
    );
}

#[test]
fn an_enum_that_loses_a_value_is_replaced_and_its_columns_cast() {
    let (state, column_id) = (Id::new(Kind::Type, name("state")), Id::column(&name("t"), "id"));
    let schema = |labels: &[&str]| {
        let mut objects = tables(&["t"]);
        objects.push((column_id.clone(), column(1, "state")));
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        objects.push((state.clone(), Object::Enum(Enum { labels })));
        catalog(objects, &[(&column_id, &state)])
    };
    let (few, many) = (schema(&["a", "c"]), schema(&["a", "b", "c"]));
    assert_eq!(plan(&few, &many).sql(), "ALTER TYPE state ADD VALUE 'b' AFTER 'a';\n");
    let back = plan(&many, &few);
    assert_eq!(
        back.sql(),
        "-- destroys data: the value 'b' of state, which no row may hold\n\
         ALTER TYPE state RENAME TO state_old;\n\n\
         CREATE TYPE state AS ENUM (\n    'a',\n    'c'\n);\n\n\
         -- locks: t against reads and writes while every row is rewritten\n\
         ALTER TABLE t ALTER COLUMN id TYPE state USING id::text::state;\n\n\
         DROP TYPE state_old;\n"
    );
    assert_eq!(back.ops.iter().filter(|op| op.action == Action::DropAside).count(), 1);
}

#[test]
fn functions_that_name_each_other_are_made_without_a_look_at_their_bodies() {
    let id = |text: &str| Id::part(Kind::Routine, name(text), "");
    let alone = catalog([(id("f"), function("SELECT g()")), (id("g"), function("SELECT 1"))], &[]);
    let script = plan(&catalog([], &[]), &alone).sql();
    assert!(script.starts_with("CREATE FUNCTION g()"), "{script}");
    let circle = catalog([(id("f"), function("SELECT g()")), (id("g"), function("SELECT f()"))], &[]);
    let script = plan(&catalog([], &[]), &circle).sql();
    assert!(script.starts_with("SET check_function_bodies = off;\n\nCREATE FUNCTION f()"), "{script}");
    assert!(script.ends_with("RESET check_function_bodies;\n"), "{script}");
}

#[test]
fn a_table_that_ends_takes_what_is_its_own_with_it_and_is_told_as_lost() {
    let found = plan(&catalog(tables(&["a", "b"]), &[]), &catalog([], &[]));
    assert_eq!(
        found.sql(),
        "-- destroys data: the rows of a\nDROP TABLE a;\n\n-- destroys data: the rows of b\nDROP TABLE b;\n"
    );
    assert_eq!(found.losses().collect::<Vec<_>>(), ["the rows of a", "the rows of b"]);
}

#[test]
fn a_part_that_is_renamed_with_its_table_is_told_with_the_name_that_it_had() {
    let (current, mut desired) = (catalog(tables(&["a"]), &[]), catalog(tables(&["b"]), &[]));
    let key = Id::column(&name("b"), "id");
    let column = desired.objects.remove(&key).expect("each table has the column");
    desired.objects.insert(Id::column(&name("b"), "key"), column);
    let renames = [(Id::relation(&name("a")), "b"), (Id::column(&name("a"), "id"), "key")];
    let renames = renames.into_iter().map(|(from, to)| Rename { from, to: to.into() }).collect();
    let told = changes(&current, &desired, &Options::default().with_renames(renames));
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["renamed table 'b' (it was 'a')", "renamed column 'b.key' (it was 'id')"]);
}

proptest! {
    #[test]
    fn there_is_a_plan_between_any_two_catalogs((current, desired) in (any_catalog(), any_catalog())) {
        let found = plan(&current, &desired);
        prop_assert_eq!(found.sql().is_empty(), found.ops.iter().all(|op| op.statements.is_empty()));
        // Whatever is only on one side begins or ends.
        for id in desired.objects.keys().filter(|id| !current.contains(id)) {
            prop_assert!(found.ops.iter().any(|op| op.id == *id), "{:?} does not begin", id);
        }
        for id in current.objects.keys().filter(|id| !desired.contains(id)) {
            let is_renamed = found.ops.iter().any(|op| op.action == Action::Rename);
            prop_assert!(is_renamed || found.ops.iter().any(|op| op.id == *id), "{:?} does not end", id);
        }
    }

    #[test]
    fn no_catalog_differs_from_itself(catalog in any_catalog()) {
        prop_assert!(plan(&catalog, &catalog).is_empty());
    }
}
