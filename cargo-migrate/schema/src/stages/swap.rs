//! Indexes and unique constraints that take the place of others of their name: the new one is ready before the old one ends
//! (PostgreSQL manual, ALTER TABLE: "To recreate a primary key constraint, without blocking updates while the index is
//! rebuilt").

use super::online::can_use_index;
use super::temporary;
use crate::catalog::Catalog;
use crate::context::Context;
use crate::kind::column::Column;
use crate::kind::constraint::Constraint;
use crate::kind::index::Index;
use crate::name::{Id, Kind, Name};
use crate::object::Object;
use crate::op::Op;
use crate::statement::Statement;

/// Whether an index is built to get there; settings are changed in place.
pub(super) fn is_built(current: Option<&Object>, desired: &Object) -> bool {
    match (current, desired) {
        (Some(Object::Index(now)), Object::Index(then)) => {
            let set = Index {
                parameters: then.parameters.clone(),
                tablespace: then.tablespace.clone(),
                statistics: then.statistics.clone(),
                ..now.clone()
            };
            set != *then
        }
        (Some(Object::Constraint(now)), Object::Constraint(then)) => {
            let set =
                Constraint { parameters: then.parameters.clone(), tablespace: then.tablespace.clone(), ..now.clone() };
            set != *then
        }
        (current, desired) => current != Some(desired),
    }
}

/// Whether there is one of the name now that can stay until then: on the same table, and nothing changes of what it uses.
pub(super) fn lasts(id: &Id, current: &Catalog, desired: &Catalog) -> bool {
    let is_of_table = match (current.get(id), desired.get(id)) {
        (Some(Object::Index(now)), Some(Object::Index(then))) => {
            now.table == then.table && !now.is_partitioned && now.attached_to.is_none()
        }
        (Some(Object::Constraint(now)), Some(Object::Constraint(_))) => can_use_index(now),
        _ => false,
    };
    let is_same = |used: &Id| match (current.get(used), desired.get(used)) {
        (Some(Object::Column(now)), Some(Object::Column(then))) => {
            Column { position: then.position, ..now.clone() } == *then
        }
        (now, then) => now == then,
    };
    is_of_table && current.edges.iter().filter(|edge| edge.from == *id).all(|edge| is_same(&edge.to))
}

/// What the new one is called until the old one ends.
pub(super) fn name(id: &Id, context: &Context<'_>) -> String {
    let schema = &id.name.schema;
    let old = if id.kind == Kind::Constraint { &id.part } else { &id.name.name };
    let owns = |id: &Id, name: &str| id.kind == Kind::Constraint && id.name.schema == *schema && *id.part == *name;
    temporary::name(&format!("{old}_new"), |name| {
        let relation = Name::new(schema.clone(), name);
        [Kind::Relation, Kind::Index].iter().any(|kind| context.either(&Id::new(*kind, relation.clone())).is_some())
            || [context.current, context.desired].iter().any(|side| side.objects.keys().any(|id| owns(id, name)))
    })
}

/// What is swapped back may have been swapped in part.
pub(super) fn however_far(op: &mut Op, context: &Context<'_>) {
    let [_, swap, ..] = op.statements.as_mut_slice() else { return };
    let Statement::Whole(text) = swap else { return };
    let is_swap = text.starts_with("DROP INDEX CONCURRENTLY ") || text.contains("\n    DROP CONSTRAINT ");
    if !is_swap {
        return;
    }
    for ends in ["DROP INDEX CONCURRENTLY ", "\n    DROP CONSTRAINT "] {
        *text = text.replacen(ends, &format!("{ends}IF EXISTS "), 1);
    }
    let new = context.name(&Name::new(op.id.name.schema.clone(), name(&op.id, context)));
    op.statements.insert(0, Statement::whole(format!("DROP INDEX CONCURRENTLY IF EXISTS {new}")));
}
