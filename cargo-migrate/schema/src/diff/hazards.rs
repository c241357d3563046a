//! What an action keeps the users of a table waiting for.

mod columns;
mod rows;

use crate::context::Context;
use crate::hazard::{Hazard, Lock, Work};
use crate::kind::table::{Sort, Table};
use crate::name::{Aspect, Id, Name};
use crate::object::Object;
use crate::op::Action;

use super::decide::{Fate, Fates};

/// All that a unit of actions makes users wait for, each once.
pub(crate) fn of<'id>(
    nodes: impl Iterator<Item = (&'id Id, Action)>,
    fates: &Fates,
    context: &Context<'_>,
) -> Vec<Hazard> {
    let mut hazards: Vec<Hazard> = nodes
        .filter(|(id, _)| id.aspect == Aspect::Itself)
        .flat_map(|(id, action)| of_one(id, action, fates, context))
        .map(|wait| Hazard { table: context.name(&wait.table), lock: wait.lock, work: wait.work })
        .collect();
    hazards.sort();
    hazards.dedup();
    hazards
}

/// What the users of one table wait for.
struct Wait {
    table: Name,
    lock: Lock,
    work: Work,
}

impl Wait {
    fn new(table: &Name, lock: Lock, work: Work) -> Self {
        Self { table: table.clone(), lock, work }
    }
}

fn of_one(id: &Id, action: Action, fates: &Fates, context: &Context<'_>) -> Vec<Wait> {
    let (now, then) = (context.current.get(id), context.desired.get(id));
    let waits = match (action, now, then) {
        (Action::Create, _, Some(Object::Column(column))) => columns::added(id, column, context),
        (Action::Create, _, Some(Object::Constraint(constraint))) => rows::constraint(id, constraint, context),
        (Action::Create, _, Some(Object::Index(index))) => rows::index(index),
        (Action::Create, _, Some(Object::Attachment(attachment))) => rows::attachment(id, attachment),
        (Action::Create, _, Some(Object::DomainConstraint(constraint))) => {
            rows::domain_constraint(id, constraint, context)
        }
        (Action::Alter, Some(Object::Column(now)), Some(Object::Column(then))) => {
            columns::altered(id, now, then, fates, context)
        }
        (Action::Alter, Some(Object::Table(now)), Some(Object::Table(then))) => table(id, now, then),
        (Action::Alter, Some(Object::Domain(now)), Some(Object::Domain(then))) => rows::domain(id, now, then, context),
        (Action::Alter, Some(Object::Index(now)), Some(Object::Index(then))) if now.tablespace != then.tablespace => {
            vec![Wait::new(&then.table, Lock::ReadsAndWrites, Work::Copy)]
        }
        _ => Vec::new(),
    };
    waits.into_iter().filter(|wait| has_rows(&wait.table, context)).collect()
}

/// Whether the table is there before the script, and keeps its rows.
fn has_rows(table: &Name, context: &Context<'_>) -> bool {
    let id = Id::relation(table);
    let is_foreign = |object: &Object| matches!(object, Object::Table(Table { sort: Sort::Foreign { .. }, .. }));
    context.current.get(&id).is_some_and(|object| !is_foreign(object)) && !context.is_made(&id)
}

fn table(id: &Id, now: &Table, then: &Table) -> Vec<Wait> {
    let mut waits = Vec::new();
    // A partitioned table has a persistence, a method and a tablespace for what is made below it.
    if matches!(now.sort, Sort::Partitioned(_)) {
        return waits;
    }
    if now.is_unlogged != then.is_unlogged || now.access_method != then.access_method {
        waits.push(Wait::new(&id.name, Lock::ReadsAndWrites, Work::Rewrite));
    } else if now.tablespace != then.tablespace {
        waits.push(Wait::new(&id.name, Lock::ReadsAndWrites, Work::Copy));
    }
    waits
}

/// Whether the object stays as it is.
fn stays(id: &Id, fates: &Fates, context: &Context<'_>) -> bool {
    context.current.contains(id) && !fates.get(id).is_some_and(Fate::ends)
}
