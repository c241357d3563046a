//! What is made beside those who use the table: indexes, and the unique constraints and primary keys that own one
//! (PostgreSQL manual, CREATE INDEX: "Building Indexes Concurrently").

use super::swap;
use crate::catalog::Catalog;
use crate::context::Context;
use crate::diff::Options;
use crate::kind::constraint::{Constraint, ConstraintSort};
use crate::kind::index::Index;
use crate::kind::table::Sort;
use crate::name::{Aspect, Id, Kind, Name};
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
        is_in_use(table, current, desired) && swap::is_built(current.get(id), object) && !is_needed(id, desired)
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
    // What another of its name takes the place of does its work until then.
    let lasting: BTreeSet<&Id> = late.iter().copied().filter(|id| swap::lasts(id, current, desired)).collect();
    let is_of_lasting = |id: &Id| lasting.contains(&id.aspect(Aspect::Itself));
    let objects = current.objects.iter().filter(|(id, _)| is_of_lasting(id));
    catalog.objects.extend(objects.map(|(id, object)| (id.clone(), object.clone())));
    catalog.edges.extend(current.edges.iter().filter(|edge| is_of_lasting(&edge.from)).cloned());
    Some(catalog)
}

pub(super) fn can_use_index(constraint: &Constraint) -> bool {
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
pub(super) fn concurrently(diff: &mut Diff, current: &Catalog, desired: &Catalog) {
    let nothing = BTreeSet::new();
    let options = Options::default();
    let context = Context { current, desired, made: &nothing, options: &options };
    let of = |action| diff.ops.iter().filter(move |op| op.action == action).map(|op| op.id.clone());
    let dropped: BTreeSet<Id> = of(Action::Drop).collect();
    let swapped: BTreeSet<Id> = of(Action::Create)
        .filter(|id| matches!(id.kind, Kind::Index | Kind::Constraint) && dropped.contains(id))
        .collect();
    diff.ops.retain(|op| op.action != Action::Drop || !swapped.contains(&op.id));
    for op in &mut diff.ops {
        op.hazards.clear();
        let taken = swapped.contains(&op.id).then(|| swap::name(&op.id, &context));
        match (op.action, desired.get(&op.id)) {
            (Action::Create, Some(Object::Index(index))) => create(op, index, taken.as_deref(), &context),
            (Action::Create, Some(Object::Constraint(constraint))) => {
                by_index(op, constraint, taken.as_deref(), &context);
            }
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
pub(super) fn however_far(diff: &mut Diff, current: &Catalog, desired: &Catalog) {
    let nothing = BTreeSet::new();
    let options = Options::default();
    let context = Context { current, desired, made: &nothing, options: &options };
    for op in &mut diff.ops {
        if op.action == Action::Create {
            swap::however_far(op, &context);
        }
        if op.action != Action::Drop {
            continue;
        }
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

/// The index is made, under another name where it takes the place of one of its name.
fn create(op: &mut Op, index: &Index, new: Option<&str>, context: &Context<'_>) {
    let unique = if index.is_unique { "UNIQUE " } else { "" };
    let name = identifier(&op.id.name.name);
    let (old, start) = (format!("CREATE {unique}INDEX {name} "), format!("CREATE {unique}INDEX CONCURRENTLY "));
    let first = new.map_or_else(|| name.clone(), identifier);
    for statement in &mut op.statements {
        replace(statement, &old, &format!("{start}{first} "));
    }
    if let Some(new) = new {
        let new = context.name(&Name::new(op.id.name.schema.clone(), new));
        let swap = [
            Statement::whole(format!("DROP INDEX CONCURRENTLY {}", context.name(&op.id.name))),
            Statement::whole(format!("ALTER INDEX {new} RENAME TO {name}")),
        ];
        let place = op.statements.len().min(1);
        op.statements.splice(place..place, swap);
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
fn by_index(op: &mut Op, constraint: &Constraint, new: Option<&str>, context: &Context<'_>) {
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
    let first = new.map_or_else(|| name.clone(), identifier);
    let mut index = format!("CREATE UNIQUE INDEX CONCURRENTLY {first} ON {table} {key}{nulls}");
    if !constraint.parameters.is_empty() {
        index += &format!(" WITH ({})", constraint.parameters.list());
    }
    if let Some(tablespace) = &constraint.tablespace {
        index += &format!(" TABLESPACE {}", identifier(tablespace));
    }
    let head = context.alter(&op.id.name);
    let add = format!("ADD CONSTRAINT {name} {keyword} USING INDEX {first}{deferral}");
    // The index gets the name of the constraint.
    let adopt = match new {
        Some(_) => format!("{head}\n    DROP CONSTRAINT {name},\n    {add}"),
        None => format!("{head} {add}"),
    };
    op.statements = vec![Statement::whole(index), Statement::whole(adopt)];
}
