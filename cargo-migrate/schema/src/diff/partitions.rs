//! The order of what happens to partitions, to tables that inherit, and to the tables above them.
//!
//! A table has its columns, constraints and indexes before it is attached, and before the table above gets its own:
//! Postgres then takes those that are there, with the names that they have. What it has from above goes with what is
//! above, unless it is detached first: then it keeps all of it.

use crate::context::Context;
use crate::kind::constraint::Constraint;
use crate::kind::index::Index;
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use crate::op::Action;
use std::collections::{BTreeSet, HashMap};

use super::action::Actions;
use super::decide::Fates;

/// Nodes by the name of a table.
type ByTable<'name> = HashMap<&'name Name, Vec<usize>>;

/// The attachments that begin and end, and what is made that others look for.
#[derive(Debug, Default)]
struct Ties<'catalog> {
    /// Begin, by the table below and by that above.
    attached: ByTable<'catalog>,
    attached_to: ByTable<'catalog>,
    /// End, by the table below and by that above.
    detached: ByTable<'catalog>,
    detached_from: ByTable<'catalog>,
    /// Indexes that are made, by their table.
    indexes: ByTable<'catalog>,
    /// Whatever is made and has the name of an index.
    named: HashMap<Name, usize>,
}

/// Pairs of nodes, of which the first comes before the second.
pub(crate) fn precedence(actions: &Actions, context: &Context<'_>) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let ties = Ties::of(actions, context, &mut pairs);
    for (node, id, action) in actions.iter().filter(|(_, id, _)| id.aspect == Aspect::Itself) {
        let side = if action == Action::Drop { context.current } else { context.desired };
        let Some(object) = side.get(id) else { continue };
        let table = match object {
            Object::Index(index) => &index.table,
            Object::Constraint(_) | Object::Column(_) => &id.name,
            _ => continue,
        };
        if action == Action::Drop {
            ties.drop(node, object, table, &mut pairs);
        } else {
            ties.make(node, object, table, actions, context, &mut pairs);
        }
    }
    pairs
}

impl<'catalog> Ties<'catalog> {
    fn of(actions: &'catalog Actions, context: &Context<'catalog>, pairs: &mut Vec<(usize, usize)>) -> Self {
        let mut ties = Self::default();
        for (node, id, action) in actions.iter().filter(|(_, id, _)| id.aspect == Aspect::Itself) {
            let side = if action == Action::Drop { context.current } else { context.desired };
            match side.get(id) {
                Some(Object::Attachment(attachment)) if action == Action::Drop => {
                    ties.detached.entry(&id.name).or_default().push(node);
                    ties.detached_from.entry(&attachment.parent).or_default().push(node);
                }
                Some(Object::Attachment(attachment)) => {
                    ties.attached.entry(&id.name).or_default().push(node);
                    ties.attached_to.entry(&attachment.parent).or_default().push(node);
                    let made = |table| actions.find(&Id::relation(table), Action::Create);
                    pairs.extend(made(&attachment.parent).zip(made(&id.name)));
                }
                Some(Object::Index(index)) if action == Action::Create => {
                    ties.indexes.entry(&index.table).or_default().push(node);
                }
                _ => {}
            }
            if action == Action::Create
                && let Some(name) = context.desired.get(id).and_then(|object| object.claims(id))
            {
                ties.named.insert(name, node);
            }
        }
        ties
    }

    fn drop(&self, node: usize, object: &Object, table: &Name, pairs: &mut Vec<(usize, usize)>) {
        if comes_from_above(object) {
            pairs.extend(nodes(&self.detached, table).map(|before| (before, node)));
        }
        match object {
            Object::Constraint(constraint) if constraint.refers_to.is_some() => {
                // A partition that is detached keeps the foreign keys of the table above, and what refers to them.
                if !constraint.is_only_inherited() {
                    let tables = [Some(table), constraint.refers_to.as_ref()].into_iter().flatten();
                    let detached = tables.flat_map(|table| nodes(&self.detached_from, table));
                    pairs.extend(detached.map(|after| (node, after)));
                }
            }
            _ => pairs.extend(nodes(&self.detached_from, table).map(|before| (before, node))),
        }
    }

    fn make(
        &self,
        node: usize,
        object: &Object,
        table: &Name,
        actions: &Actions,
        context: &Context<'_>,
        pairs: &mut Vec<(usize, usize)>,
    ) {
        let (id, action) = actions.node(node);
        if let Object::Constraint(Constraint { refers_to: Some(other), .. }) = object {
            // The rows that are referred to are in the tables that are attached.
            let has_rows =
                |attachment: &usize| context.current.contains(&Id::relation(&actions.node(*attachment).0.name));
            pairs.extend(nodes(&self.attached_to, other).filter(has_rows).map(|before| (before, node)));
            return;
        }
        if matches!(object, Object::Constraint(constraint) if constraint.is_only_inherited()) {
            let above = context
                .lasting_parents(table)
                .into_iter()
                .filter_map(|parent| actions.find(&Id::part(id.kind, parent.clone(), id.part.clone()), Action::Create));
            pairs.extend(above.map(|above| (above, node)));
        }
        if is_on_table_alone(object) {
            // A table that is attached afterwards would get its part.
            pairs.extend(nodes(&self.attached_to, table).map(|before| (before, node)));
        }
        let parents = context.desired.parents(table);
        if is_loose(object) && !parents.is_empty() {
            // Postgres takes the first index that fits: one that is to stay apart comes too late for that.
            let above = parents.into_iter().flat_map(|parent| nodes(&self.indexes, parent));
            pairs.extend(nodes(&self.attached, table).chain(above).map(|before| (before, node)));
            return;
        }
        pairs.extend(nodes(&self.attached, table).map(|after| (node, after)));
        let is_key = match object {
            Object::Index(_) => true,
            Object::Constraint(constraint) => constraint.has_index(),
            _ => false,
        };
        if !is_key {
            pairs.extend(nodes(&self.attached_to, table).map(|after| (node, after)));
        }
        if action == Action::Alter {
            let detached = nodes(&self.detached, table).chain(nodes(&self.detached_from, table));
            pairs.extend(detached.map(|before| (before, node)));
        } else if !self.attached.contains_key(table) {
            let above = attached_to(object).and_then(|above| self.named.get(above));
            pairs.extend(above.map(|above| (node, *above)));
        }
    }
}

fn nodes<'map>(map: &'map ByTable<'_>, table: &Name) -> impl Iterator<Item = usize> + 'map {
    map.get(table).into_iter().flatten().copied()
}

/// The index above of which an index is a part.
fn attached_to(object: &Object) -> Option<&Name> {
    match object {
        Object::Index(index) => index.attached_to.as_ref(),
        Object::Constraint(constraint) => constraint.attached_to.as_ref(),
        _ => None,
    }
}

/// Whether it is an index that is no part of one above.
fn is_loose(object: &Object) -> bool {
    matches!(object, Object::Index(index) if index.attached_to.is_none())
}

/// Whether it is an index of a partitioned table that not every partition has a part of.
fn is_on_table_alone(object: &Object) -> bool {
    match object {
        Object::Index(index) => index.is_partitioned && !index.is_valid,
        Object::Constraint(constraint) => !constraint.is_index_valid,
        _ => false,
    }
}

/// Whether it cannot be dropped as long as the table is attached.
fn comes_from_above(object: &Object) -> bool {
    match object {
        Object::Column(column) => column.is_inherited,
        Object::Constraint(constraint) => {
            constraint.is_inherited || constraint.above.is_some() || constraint.attached_to.is_some()
        }
        _ => attached_to(object).is_some(),
    }
}

/// Indexes of tables that are attached now, which are to stay apart from the one above and are older than an equal one
/// that is to be a part of it: Postgres would take the older one.
pub(crate) fn untimely(fates: &Fates, context: &Context<'_>) -> Vec<Id> {
    let attached: BTreeSet<&Name> = fates
        .map
        .iter()
        .filter(|(id, fate)| {
            id.kind == Kind::Attachment && fate.begins() && context.current.contains(&Id::relation(&id.name))
        })
        .map(|(id, _)| &id.name)
        .collect();
    if attached.is_empty() {
        return Vec::new();
    }
    let indexes = || {
        context.desired.objects.iter().filter_map(|(id, object)| match object {
            Object::Index(index) if attached.contains(&index.table) => Some((id, index)),
            _ => None,
        })
    };
    let is_taken = |loose: &Index| {
        indexes().any(|(_, part)| {
            let is_like = part.table == loose.table && part.definition == loose.definition;
            is_like && part.condition == loose.condition && part.attached_to.is_some()
        })
    };
    let loose = indexes().filter(|(id, index)| index.attached_to.is_none() && context.current.contains(id));
    loose.filter(|(_, index)| is_taken(index)).map(|(id, _)| id.clone()).collect()
}
