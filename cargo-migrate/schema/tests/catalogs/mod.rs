//! Small catalogs, as tests need them.
#![allow(dead_code, reason = "each test program needs some of these")]

use migrate_schema::kind::column::Column;
use migrate_schema::kind::comment::Comment;
use migrate_schema::kind::constraint::{Constraint, ConstraintSort};
use migrate_schema::kind::enumeration::Enum;
use migrate_schema::kind::routine::Routine;
use migrate_schema::kind::schema::Schema;
use migrate_schema::kind::storage::Parameters;
use migrate_schema::kind::table::{Sort, Table};
use migrate_schema::kind::view::View;
use migrate_schema::{Aspect, Catalog, Edge, Id, Kind, Name, Object};
use proptest::prelude::*;

pub(crate) fn name(text: &str) -> Name {
    Name::new("public", text)
}

pub(crate) fn table() -> Object {
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

pub(crate) fn column(position: i32, ty: &str) -> Object {
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

pub(crate) fn reference(to: &str) -> Object {
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

pub(crate) fn view(query: &str) -> Object {
    Object::View(View { query: query.to_owned(), parameters: Parameters::default(), columns: Vec::new() })
}

pub(crate) fn function(body: &str) -> Object {
    Object::Routine(Routine {
        is_procedure: false,
        definition: format!("()\n RETURNS integer\n LANGUAGE sql\nAS $$ {body} $$"),
        signature: "-> integer".to_owned(),
        n_defaults: 0,
        language: "sql".to_owned(),
    })
}

pub(crate) fn catalog(objects: impl IntoIterator<Item = (Id, Object)>, edges: &[(&Id, &Id)]) -> Catalog {
    let mut catalog = Catalog::fresh(150_000);
    catalog.objects.extend(objects);
    catalog.edges =
        edges.iter().map(|(from, to)| Edge { from: (*from).clone(), to: (*to).clone(), is_auto: false }).collect();
    catalog
}

pub(crate) fn tables(names: &[&str]) -> Vec<(Id, Object)> {
    let parts = |text: &&str| {
        let name = name(text);
        [(Id::relation(&name), table()), (Id::column(&name, "id"), column(1, "integer"))]
    };
    names.iter().flat_map(parts).collect()
}

/// Any object of a few names, so that many of them meet.
pub(crate) fn object() -> impl Strategy<Value = (Id, Object)> {
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
pub(crate) fn any_catalog() -> impl Strategy<Value = Catalog> {
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
