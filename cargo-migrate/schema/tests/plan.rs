//! The plan for small catalogs, and that there is one for any.

use migrate_schema::kind::column::Column;
use migrate_schema::kind::comment::Comment;
use migrate_schema::kind::constraint::{Constraint, ConstraintSort};
use migrate_schema::kind::enumeration::Enum;
use migrate_schema::kind::routine::Routine;
use migrate_schema::kind::schema::Schema;
use migrate_schema::kind::storage::Parameters;
use migrate_schema::kind::table::{Sort, Table};
use migrate_schema::kind::view::View;
use migrate_schema::{Action, Aspect, Catalog, Diff, Edge, Id, Kind, Name, Object, Options, diff};
use proptest::prelude::*;

fn name(text: &str) -> Name {
    Name::new("public", text)
}

fn table() -> Object {
    Object::Table(Table {
        sort: Sort::Ordinary,
        is_unlogged: false,
        parameters: Parameters::default(),
        access_method: None,
        tablespace: None,
        row_security: false,
        forces_row_security: false,
    })
}

fn column(position: i32, ty: &str) -> Object {
    Object::Column(Column {
        position,
        ty: ty.to_owned(),
        collation: None,
        is_not_null: false,
        identity: None,
        generated: None,
        storage: None,
        compression: None,
        statistics: None,
        parameters: Parameters::default(),
        foreign: Parameters::default(),
        is_local: true,
        is_inherited: false,
    })
}

fn reference(to: &str) -> Object {
    Object::Constraint(Constraint {
        sort: ConstraintSort::ForeignKey,
        definition: format!("FOREIGN KEY (id) REFERENCES {to}(id)"),
        is_validated: true,
        is_local: true,
        is_inherited: false,
        refers_to: Some(name(to)),
        parameters: Parameters::default(),
        tablespace: None,
        attached_to: None,
        is_index_valid: true,
        above: None,
    })
}

fn view(query: &str) -> Object {
    Object::View(View { query: query.to_owned(), parameters: Parameters::default(), columns: Vec::new() })
}

fn function(body: &str) -> Object {
    Object::Routine(Routine {
        is_procedure: false,
        definition: format!("()\n RETURNS integer\n LANGUAGE sql\nAS $$ {body} $$"),
        signature: "-> integer".to_owned(),
        n_defaults: 0,
        language: "sql".to_owned(),
    })
}

fn catalog(objects: impl IntoIterator<Item = (Id, Object)>, edges: &[(&Id, &Id)]) -> Catalog {
    let mut catalog = Catalog::fresh(150_000);
    catalog.objects.extend(objects);
    catalog.edges =
        edges.iter().map(|(from, to)| Edge { from: (*from).clone(), to: (*to).clone(), is_auto: false }).collect();
    catalog
}

fn tables(names: &[&str]) -> Vec<(Id, Object)> {
    let parts = |text: &&str| {
        let name = name(text);
        [(Id::relation(&name), table()), (Id::column(&name, "id"), column(1, "integer"))]
    };
    names.iter().flat_map(parts).collect()
}

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

/// Any object of a few names, so that many of them meet.
fn object() -> impl Strategy<Value = (Id, Object)> {
    let names = prop::sample::select(vec!["a", "b", "c"]);
    (names.clone(), names, 0..8).prop_map(|(one, other, kind)| match kind {
        0 => (Id::relation(&name(one)), table()),
        1 => (Id::column(&name(one), other), column(1, if one < other { "integer" } else { "state" })),
        2 => (Id::part(Kind::Constraint, name(one), other), reference(other)),
        3 => (Id::relation(&name(one)), view(other)),
        4 => (Id::part(Kind::Routine, name(one), ""), function(other)),
        5 => (Id::new(Kind::Type, name(one)), Object::Enum(Enum { labels: vec![other.to_owned()] })),
        6 => (Id::relation(&name(one)).aspect(Aspect::Comment), Object::Comment(Comment(other.to_owned()))),
        _ => (Id::schema(one), Object::Schema(Schema)),
    })
}

/// Any catalog, whether or not a server could have it.
fn any_catalog() -> impl Strategy<Value = Catalog> {
    let objects = prop::collection::vec(object(), 0..12);
    (objects, prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>()), 0..12))
        .prop_map(|(objects, edges)| {
            let ids: Vec<Id> = objects.iter().map(|(id, _)| id.clone()).collect();
            let mut catalog = catalog(objects, &[]);
            if !ids.is_empty() {
                let edge = |(from, to, is_auto): &(prop::sample::Index, prop::sample::Index, bool)| Edge {
                    from: from.get(&ids).clone(),
                    to: to.get(&ids).clone(),
                    is_auto: *is_auto,
                };
                catalog.edges = edges.iter().map(edge).collect();
            }
            catalog
        })
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
