//! What is made beside those who use the table: indexes, and the unique constraints and primary keys that own one
//! (PostgreSQL manual, CREATE INDEX: "Building Indexes Concurrently").

use crate::catalog::Catalog;
use crate::context::Context;
use crate::diff::Options;
use crate::kind::constraint::{Constraint, ConstraintSort};
use crate::kind::index::Index;
use crate::kind::table::Sort;
use crate::name::{Aspect, Id, Name};
use crate::object::Object;
use crate::op::{Action, Diff, Op};
use crate::quote::identifier;
use crate::statement::Statement;
use std::collections::BTreeSet;

/// The desired schema without what is made later; nothing where all is made at once.
pub(super) fn without_late(current: &Catalog, desired: &Catalog) -> Option<Catalog> {
    let is_late = |id: &Id, object: &Object| {
        let table = match object {
            Object::Index(index) if !index.is_partitioned && index.attached_to.is_none() => &index.table,
            Object::Constraint(constraint) if can_use_index(constraint) => &id.name,
            _ => return false,
        };
        is_in_use(table, current, desired) && current.get(id) != Some(object) && !is_needed(id, desired)
    };
    let late: BTreeSet<&Id> =
        desired.objects.iter().filter(|(id, object)| is_late(id, object)).map(|(id, _)| id).collect();
    if late.is_empty() {
        return None;
    }
    let is_of_late = |id: &Id| late.contains(&id.aspect(Aspect::Itself));
    let mut catalog = desired.clone();
    catalog.objects.retain(|id, _| !is_of_late(id));
    catalog.edges.retain(|edge| !is_of_late(&edge.from) && !is_of_late(&edge.to));
    Some(catalog)
}

fn can_use_index(constraint: &Constraint) -> bool {
    matches!(constraint.sort, ConstraintSort::PrimaryKey | ConstraintSort::Unique)
        && constraint.attached_to.is_none()
        && constraint.is_local
        // `WITHOUT OVERLAPS` makes an index that only the constraint can make.
        && !constraint.definition.contains(" WITHOUT OVERLAPS")
}

/// Whether both schemas have the table, with rows of its own.
fn is_in_use(table: &Name, current: &Catalog, desired: &Catalog) -> bool {
    let has_rows = |catalog: &Catalog| matches!(catalog.get(&Id::relation(table)), Some(Object::Table(table)) if table.sort == Sort::Ordinary);
    has_rows(current) && has_rows(desired)
}

/// Whether something else is made with its help, as a foreign key is with that of a unique constraint.
fn is_needed(id: &Id, desired: &Catalog) -> bool {
    desired.edges.iter().any(|edge| edge.to == *id && edge.from.aspect(Aspect::Itself) != *id)
        || desired.objects.iter().any(|(other, object)| {
            other.aspect(Aspect::Itself) != *id && object.needs(other).iter().any(|(needed, _)| needed == id)
        })
}

/// Makes and drops indexes beside those who use their tables.
pub(super) fn concurrently(diff: &mut Diff, desired: &Catalog) {
    let nothing = BTreeSet::new();
    let options = Options::default();
    let context = Context { current: desired, desired, made: &nothing, options: &options };
    for op in &mut diff.ops {
        op.hazards.clear();
        match (op.action, desired.get(&op.id)) {
            (Action::Create, Some(Object::Index(index))) => create(op, index),
            (Action::Create, Some(Object::Constraint(constraint))) => by_index(op, constraint, &context),
            (Action::Drop, _) => {
                for statement in &mut op.statements {
                    replace(statement, "DROP INDEX ", "DROP INDEX CONCURRENTLY ");
                }
            }
            _ => {}
        }
    }
}

/// Drops what may not have been made, or not have been made a constraint: where no transaction undoes what was done before a
/// failure, this does.
pub(super) fn however_far(diff: &mut Diff, made: &Catalog) {
    let nothing = BTreeSet::new();
    let options = Options::default();
    let context = Context { current: made, desired: made, made: &nothing, options: &options };
    for op in diff.ops.iter_mut().filter(|op| op.action == Action::Drop) {
        for statement in &mut op.statements {
            replace(statement, "DROP INDEX CONCURRENTLY ", "DROP INDEX CONCURRENTLY IF EXISTS ");
        }
        let [Statement::Clause { clause, .. }] = op.statements.as_mut_slice() else { continue };
        let Some(name) = clause.strip_prefix("DROP CONSTRAINT ") else { continue };
        *clause = format!("DROP CONSTRAINT IF EXISTS {name}");
        let index = context.name(&Name::new(op.id.name.schema.clone(), op.id.part.clone()));
        op.statements.push(Statement::whole(format!("DROP INDEX CONCURRENTLY IF EXISTS {index}")));
    }
}

fn create(op: &mut Op, index: &Index) {
    let unique = if index.is_unique { "UNIQUE " } else { "" };
    for statement in &mut op.statements {
        replace(statement, &format!("CREATE {unique}INDEX "), &format!("CREATE {unique}INDEX CONCURRENTLY "));
    }
}

fn replace(statement: &mut Statement, old: &str, new: &str) {
    if let Statement::Whole(text) = statement
        && let Some(rest) = text.strip_prefix(old)
    {
        *text = format!("{new}{rest}");
    }
}

/// The index is made first, and then the constraint takes it over.
fn by_index(op: &mut Op, constraint: &Constraint, context: &Context<'_>) {
    let keyword = if constraint.sort == ConstraintSort::PrimaryKey { "PRIMARY KEY" } else { "UNIQUE" };
    let Some(rest) = constraint.definition.strip_prefix(keyword) else { return };
    let rest = rest.trim_start();
    let (nulls, rest) = match rest.strip_prefix("NULLS NOT DISTINCT ") {
        Some(rest) => (" NULLS NOT DISTINCT", rest),
        None => ("", rest),
    };
    let key = rest.strip_suffix(" INITIALLY DEFERRED").unwrap_or(rest);
    let key = key.strip_suffix(" DEFERRABLE").unwrap_or(key);
    let deferral = &rest[key.len()..];
    let name = identifier(&op.id.part);
    let table = context.name(&op.id.name);
    let mut index = format!("CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} {key}{nulls}");
    if !constraint.parameters.is_empty() {
        index += &format!(" WITH ({})", constraint.parameters.list());
    }
    if let Some(tablespace) = &constraint.tablespace {
        index += &format!(" TABLESPACE {}", identifier(tablespace));
    }
    let head = context.alter(&op.id.name);
    let adopt = format!("{head} ADD CONSTRAINT {name} {keyword} USING INDEX {name}{deferral}");
    op.statements = vec![Statement::whole(index), Statement::whole(adopt)];
}
