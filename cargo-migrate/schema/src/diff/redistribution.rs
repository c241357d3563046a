//! Partitioned tables that are made anew around their partitions, and columns that lose for a while where they come from.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use crate::statement::Change;
use std::collections::BTreeSet;

use super::decide::{Fate, Fates};

/// Partitioned tables of which a column changes that they are partitioned by: such a column cannot be altered. The table
/// has no rows of its own, so it is made anew around its partitions.
pub(crate) fn redistributed(column: &Id, context: &Context<'_>) -> Option<Id> {
    let table = Id::relation(&column.name);
    match (context.current.get(&table)?, context.desired.get(&table)?) {
        (Object::Table(now), Object::Table(_)) if now.is_partitioned_by(&column.part) => Some(table),
        _ => None,
    }
}

/// What a partition has from the table above comes to it from there no more while it is detached, nor what a table has from
/// its type while it is not of that: each column that stays gets its own statements.
pub(crate) fn alter_detached(fates: &mut Fates, context: &Context<'_>) {
    let made = context.made;
    let is_tie = |id: &&Id| id.kind == Kind::Attachment || id.aspect == Aspect::OfType;
    let is_cut = |id: &&Id| context.current.contains(id) && !context.is_made(&Id::relation(&id.name));
    let detached: BTreeSet<&Name> = made.iter().filter(is_tie).filter(is_cut).map(|id| &id.name).collect();
    let columns = detached.into_iter().flat_map(|table| context.current.columns(table));
    for (id, now) in columns.filter(|(id, _)| !made.contains(*id)) {
        let Some(Object::Column(then)) = context.desired.get(id) else { continue };
        let mut statements = match now.change(then, id, context) {
            Change::Alter(statements) => statements,
            _ => Vec::new(),
        };
        if let Some(kind) = fates.recast.get(id) {
            statements.insert(0, then.remade(id, *kind, context));
        }
        if !statements.is_empty() {
            fates.map.insert(id.clone(), Fate::Alter(statements));
        }
    }
}
