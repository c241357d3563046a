//! How a difference is told.

use super::{Change, ChangeSort};
use crate::context::Context;
use crate::kind::column::{Column, Default};
use crate::kind::comment::{Comment, Owner};
use crate::kind::constraint::{Constraint, ConstraintSort};
use crate::kind::table::Table;
use crate::name::{Aspect, Id, Kind};
use crate::object::Object;
use crate::quote::{DEFAULT_SCHEMA, literal};

/// The change of an object, named as it would be typed.
pub(super) fn change(sort: ChangeSort, id: &Id, detail: String, context: &Context<'_>) -> Change {
    let itself = id.aspect(Aspect::Itself);
    Change { sort, id: id.clone(), noun: noun(id, context.either(&itself)), name: name(id, context), detail }
}

/// What about an object that both schemas have is different.
pub(super) fn detail(id: &Id, context: &Context<'_>) -> String {
    let (now, then) = (context.current.get(id), context.desired.get(id));
    match (id.aspect, now, then) {
        (Aspect::Default, _, Some(Object::Default(Default { expression }))) => match now {
            Some(Object::Default(now)) => format!("default {expression}, it was {}", now.expression),
            _ => format!("default {expression}"),
        },
        (Aspect::Default, Some(Object::Default(now)), None) => format!("no default, it was {}", now.expression),
        (Aspect::Comment, _, Some(Object::Comment(Comment(text)))) => format!("comment {}", shortened(text)),
        (Aspect::Comment, _, None) => "no comment".to_owned(),
        (Aspect::Owner, _, Some(Object::Owner(Owner(role)))) => format!("owner {role}"),
        (Aspect::Privileges, ..) => "privileges".to_owned(),
        (Aspect::OwnedBy, _, Some(Object::OwnedBy(by))) => format!("owned by {}.{}", by.table.name, by.column),
        (Aspect::OwnedBy, _, None) => "owned by no column".to_owned(),
        (Aspect::ReplicaIdentity, ..) => "replica identity".to_owned(),
        (Aspect::Cluster, ..) => "the index it is clustered by".to_owned(),
        (_, Some(Object::Column(now)), Some(Object::Column(then))) => column(now, then),
        (_, Some(Object::Table(now)), Some(Object::Table(then))) => table(now, then),
        (_, Some(Object::Enum(now)), Some(Object::Enum(then))) => {
            let (added, removed) = (then.without(now), now.without(then));
            let list = |labels: Vec<&str>| labels.into_iter().map(literal).collect::<Vec<_>>().join(", ");
            match (added.is_empty(), removed.is_empty()) {
                (true, true) => "the order of its values".to_owned(),
                (false, true) => format!("added value {}", list(added)),
                (true, false) => format!("removed value {}", list(removed)),
                (false, false) => format!("added value {}, removed value {}", list(added), list(removed)),
            }
        }
        (_, Some(Object::Constraint(now)), Some(Object::Constraint(then))) if now.definition != then.definition => {
            format!("{}, it was {}", then.definition, now.definition)
        }
        (_, Some(Object::Index(now)), Some(Object::Index(then))) if now.definition != then.definition => {
            format!("{}, it was {}", then.definition, now.definition)
        }
        (_, Some(Object::Index(_)), Some(Object::Index(then))) => match &then.condition {
            Some(condition) => format!("WHERE {condition}"),
            None => "its definition".to_owned(),
        },
        (_, Some(Object::Extension(now)), Some(Object::Extension(then))) if now.version != then.version => {
            format!("version {}, it was {}", then.version, now.version)
        }
        _ => "its definition".to_owned(),
    }
}

fn table(now: &Table, then: &Table) -> String {
    let mut details = Vec::new();
    let switched = |what: &str, then: bool| format!("{what} {}", if then { "on" } else { "off" });
    if now.row_security != then.row_security {
        details.push(switched("row level security", then.row_security));
    }
    if now.forces_row_security != then.forces_row_security {
        details.push(switched("row level security of its owner", then.forces_row_security));
    }
    if now.is_unlogged != then.is_unlogged {
        details.push(if then.is_unlogged { "unlogged" } else { "logged" }.to_owned());
    }
    if now.parameters != then.parameters {
        details.push("storage parameters".to_owned());
    }
    if now.sort != then.sort {
        details.push("how it is partitioned, or where it is".to_owned());
    }
    if details.is_empty() {
        details.push("how it is stored".to_owned());
    }
    details.join(", ")
}

fn column(now: &Column, then: &Column) -> String {
    let mut details = Vec::new();
    if now.ty != then.ty {
        details.push(format!("type {}, it was {}", then.ty, now.ty));
    }
    if now.collation != then.collation {
        details.push(format!("collation {}", then.collation.as_deref().unwrap_or("of its type")));
    }
    if now.is_not_null != then.is_not_null {
        details.push(if then.is_not_null { "NOT NULL" } else { "NULL is allowed" }.to_owned());
    }
    match (&now.identity, &then.identity) {
        (None, Some(_)) => details.push("identity".to_owned()),
        (Some(_), None) => details.push("no identity".to_owned()),
        (now, then) if now != then => details.push("how its identity counts".to_owned()),
        _ => {}
    }
    match (&now.generated, &then.generated) {
        (now, Some(then)) if now.as_ref() != Some(then) => {
            details.push(format!("generated as ({})", then.expression));
        }
        (Some(_), None) => details.push("not generated".to_owned()),
        _ => {}
    }
    if details.is_empty() {
        details.push("how it is stored".to_owned());
    }
    details.join(", ")
}

fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().take(40).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    literal(&format!("{short}{more}"))
}

fn name(id: &Id, context: &Context<'_>) -> String {
    let is_plain = id.name.schema.is_empty() || &*id.name.schema == DEFAULT_SCHEMA;
    let schema = if is_plain { String::new() } else { format!("{}.", id.name.schema) };
    let name = &id.name.name;
    match id.kind {
        Kind::Routine => format!("{schema}{name}({})", id.part),
        Kind::Constraint | Kind::Trigger | Kind::Policy | Kind::Rule | Kind::Column | Kind::DomainConstraint => {
            format!("{schema}{name}.{}", id.part)
        }
        Kind::Index => match context.either(&id.aspect(Aspect::Itself)) {
            Some(Object::Index(index)) => format!("{schema}{}.{name}", index.table.name),
            _ => format!("{schema}{name}"),
        },
        Kind::Type if !id.part.is_empty() => format!("{schema}{name}.{}", id.part),
        Kind::Cast | Kind::Operator => format!("{schema}{name} ({})", id.part),
        _ if !id.part.is_empty() => format!("{schema}{name} {}", id.part),
        _ => format!("{schema}{name}"),
    }
}

fn noun(id: &Id, object: Option<&Object>) -> &'static str {
    match (id.kind, object) {
        (_, Some(Object::Constraint(Constraint { sort, .. }))) => match sort {
            ConstraintSort::PrimaryKey => "primary key",
            ConstraintSort::Unique => "unique constraint",
            ConstraintSort::Check => "check constraint",
            ConstraintSort::Exclusion => "exclusion constraint",
            ConstraintSort::ForeignKey => "foreign key",
            ConstraintSort::Trigger => "constraint trigger",
        },
        (_, Some(Object::View(_))) => "view",
        (_, Some(Object::MaterializedView(_))) => "materialized view",
        (_, Some(Object::Sequence(_))) => "sequence",
        (_, Some(Object::Enum(_))) if !id.part.is_empty() => "value of enum",
        (_, Some(Object::Enum(_))) => "enum",
        (_, Some(Object::Domain(_))) => "domain",
        (_, Some(Object::Routine(routine))) if routine.is_procedure => "procedure",
        (_, Some(Object::Aggregate(_))) => "aggregate",
        (kind, _) => kind_noun(kind, id),
    }
}

fn kind_noun(kind: Kind, id: &Id) -> &'static str {
    match kind {
        Kind::Schema => "schema",
        Kind::Language => "language",
        Kind::Extension => "extension",
        Kind::ForeignDataWrapper => "foreign data wrapper",
        Kind::Server => "server",
        Kind::UserMapping => "user mapping",
        Kind::Collation => "collation",
        Kind::Type if !id.part.is_empty() => "value of enum",
        Kind::Type => "type",
        Kind::DomainConstraint => "constraint of domain",
        Kind::Relation => "table",
        Kind::Column => "column",
        Kind::Constraint => "constraint",
        Kind::Index => "index",
        Kind::Attachment => "partition or child of",
        Kind::Statistics => "statistics",
        Kind::Rule => "rule",
        Kind::Routine => "function",
        Kind::Operator => "operator",
        Kind::OperatorFamily => "operator family",
        Kind::OperatorClass => "operator class",
        Kind::Cast => "cast",
        Kind::TextSearchParser => "text search parser",
        Kind::TextSearchTemplate => "text search template",
        Kind::TextSearchDictionary => "text search dictionary",
        Kind::TextSearchConfiguration => "text search configuration",
        Kind::Trigger => "trigger",
        Kind::Policy => "policy",
        Kind::EventTrigger => "event trigger",
        Kind::Publication => "publication",
        Kind::PublicationTable => "table of publication",
        Kind::PublicationSchema => "schema of publication",
        Kind::Subscription => "subscription",
        Kind::DefaultPrivileges => "default privileges",
        Kind::Other => "object",
    }
}
