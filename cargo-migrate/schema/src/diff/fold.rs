//! What one statement does: a table with its columns and constraints, a drop with all that goes with it.

use crate::context::Context;
use crate::kind::constraint::{Constraint, ConstraintSort};
use crate::kind::table::is_partition;
use crate::kind::typed_table;
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use crate::op::Action;
use crate::quote::identifier;
use crate::statement::Statement;

use super::action::Actions;
use super::decide::{Fate, Fates};
use super::edges::Edges;
use super::order::Unit;

/// An action that another brings about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Merge {
    pub(crate) part: usize,
    pub(crate) whole: usize,
    pub(crate) bond: Bond,
}

/// How easily a part has a statement of its own instead; what comes last is loosened first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bond {
    Firm,
    Key,
    Check,
    Default,
    ForeignKey,
}

/// Which actions others bring about.
pub(crate) fn merges(actions: &Actions, edges: &Edges, fates: &Fates, context: &Context<'_>) -> Vec<Merge> {
    let mut merges = Vec::new();
    for (part, id, action) in actions.iter() {
        let found = match action {
            Action::Create => created_with(id, actions, context),
            Action::Drop => dropped_with(id, actions, edges, context),
            Action::Alter => altered_with(id, actions, fates, context),
            _ => None,
        };
        if let Some((whole, bond)) = found
            && whole != part
        {
            merges.push(Merge { part, whole, bond });
        }
    }
    merges
}

fn created_with(id: &Id, actions: &Actions, context: &Context<'_>) -> Option<(usize, Bond)> {
    let made = |id: &Id| actions.find(id, Action::Create);
    let table = Id::relation(&id.name);
    match context.desired.get(id)? {
        Object::Column(column) => match made(&table) {
            Some(table) => Some((table, Bond::Firm)),
            None if column.is_only_inherited() => made_above(id, actions, context),
            None => lasting_type(&id.name, actions, context).map(|change| (change, Bond::Firm)),
        },
        Object::Default(default) => {
            let column_id = id.aspect(Aspect::Itself);
            let column = made(&column_id)?;
            if lasting_type(&id.name, actions, context).is_some() {
                return None;
            }
            match context.desired.get(&column_id) {
                Some(Object::Column(object)) if object.is_only_inherited() && !is_partition(context, &id.name) => {
                    let parents = context.desired.parents(&id.name);
                    let same = parents.into_iter().any(|parent| {
                        let above = Id::column(parent, id.part.clone()).aspect(Aspect::Default);
                        matches!(context.desired.get(&above), Some(Object::Default(above)) if above == default)
                    });
                    same.then_some((column, Bond::Firm))
                }
                Some(_) => Some((column, Bond::Default)),
                None => None,
            }
        }
        Object::Constraint(constraint) => match made(&table) {
            Some(_) if constraint.is_only_inherited() && constraint.refers_to.is_some() => {
                made_by_attaching(constraint, id, actions)
            }
            Some(table) if constraint.fits_into_create() && !constraint.has_twin(id, context) => {
                let bond = match constraint.sort {
                    ConstraintSort::ForeignKey => Bond::ForeignKey,
                    ConstraintSort::Check => Bond::Check,
                    _ => Bond::Key,
                };
                Some((table, if constraint.is_only_inherited() { Bond::Firm } else { bond }))
            }
            Some(_) => None,
            None if constraint.is_only_validated_here(id, context) => None,
            None if constraint.is_only_inherited() => {
                made_above(id, actions, context).or_else(|| made_by_attaching(constraint, id, actions))
            }
            None => None,
        },
        Object::DomainConstraint(constraint) if constraint.is_validated => {
            Some((made(&Id::new(Kind::Type, id.name.clone()))?, Bond::Check))
        }
        Object::Attachment(attachment) if attachment.bound.is_none() => Some((made(&table)?, Bond::Firm)),
        Object::OfType(_) => Some((made(&table)?, Bond::Firm)),
        Object::OwnedBy(owned_by) => {
            serial(id, &Id::column(&owned_by.table, owned_by.column.as_str()), actions, context)
        }
        Object::Sequence(_) => match context.desired.get(&id.aspect(Aspect::OwnedBy)) {
            Some(Object::OwnedBy(owned_by)) => {
                serial(id, &Id::column(&owned_by.table, owned_by.column.as_str()), actions, context)
            }
            _ => None,
        },
        _ => None,
    }
}

/// A sequence that `serial` makes is made with its column; which all of its parts then are.
fn serial(id: &Id, column: &Id, actions: &Actions, context: &Context<'_>) -> Option<(usize, Bond)> {
    let Some(Object::Column(object)) = context.desired.get(column) else { return None };
    let made = actions.find(column, Action::Create)?;
    let parts = [id.aspect(Aspect::Itself), id.aspect(Aspect::OwnedBy), column.aspect(Aspect::Default)];
    let all_made = parts.iter().all(|part| actions.find(part, Action::Create).is_some());
    (all_made && object.is_serial(column, id, context)).then_some((made, Bond::Firm))
}

/// A foreign key that a partition gets when it is attached.
fn made_by_attaching(constraint: &Constraint, id: &Id, actions: &Actions) -> Option<(usize, Bond)> {
    let attachment = Id::attachment(&id.name, &constraint.above.as_ref()?.name);
    Some((actions.find(&attachment, Action::Create)?, Bond::Firm))
}

/// The same part of the table above, from which it comes.
fn made_above(id: &Id, actions: &Actions, context: &Context<'_>) -> Option<(usize, Bond)> {
    let mut parents = context.lasting_parents(&id.name).into_iter();
    parents.find_map(|parent| {
        let above = above(id, parent, context.desired.get(id));
        actions.find(&above, Action::Create).map(|node| (node, Bond::Firm))
    })
}

/// The part of the table above from which a part comes: that of the same name, unless it is known to have another.
fn above(id: &Id, parent: &Name, object: Option<&Object>) -> Id {
    match object {
        Some(Object::Constraint(Constraint { above: Some(above), .. })) if above.name == *parent => above.clone(),
        _ => Id::part(id.kind, parent.clone(), id.part.clone()),
    }
}

fn dropped_with(id: &Id, actions: &Actions, edges: &Edges, context: &Context<'_>) -> Option<(usize, Bond)> {
    let dropped = |id: &Id| actions.find(id, Action::Drop);
    let object = context.current.get(id)?;
    if matches!(id.aspect, Aspect::Comment | Aspect::Privileges | Aspect::Owner) {
        // What is set aside has no need to lose them first.
        if let Some(aside) = actions.find(&id.aspect(Aspect::Itself), Action::SetAside) {
            return Some((aside, Bond::Firm));
        }
    }
    let bond = match object {
        Object::Constraint(constraint) if constraint.is_only_inherited() => Bond::Firm,
        Object::Constraint(constraint) if constraint.refers_to.is_some() => Bond::ForeignKey,
        Object::Default(_) => Bond::Default,
        Object::Constraint(_) | Object::DomainConstraint(_) => Bond::Check,
        Object::Index(_) | Object::Trigger(_) | Object::Policy(_) | Object::Rule(_) => Bond::Key,
        _ => Bond::Firm,
    };
    let needed = edges.current.get(id).into_iter().flatten();
    let mut wholes: Vec<usize> = needed.filter(|(_, is_auto)| *is_auto).filter_map(|(to, _)| dropped(to)).collect();
    if let Object::Sequence(_) = object
        && let Some(Object::OwnedBy(owned_by)) = context.current.get(&id.aspect(Aspect::OwnedBy))
    {
        wholes.extend(dropped(&Id::column(&owned_by.table, owned_by.column.as_str())));
    }
    if wholes.is_empty() {
        let table = match object {
            Object::Index(index) => &index.table,
            _ => &id.name,
        };
        let stays = !context.lasting_parents(table).is_empty();
        wholes.extend(context.index_above(id).filter(|_| stays).and_then(|above| dropped(&above)));
    }
    if let Object::Attachment(attachment) = object
        && is_referred_to(&attachment.parent, context)
    {
        return None;
    }
    if let Some(type_change) = changed_type(id, object, actions, context) {
        return Some((type_change, Bond::Firm));
    }
    if wholes.is_empty() {
        let is_inherited = match object {
            Object::Column(column) => column.is_only_inherited(),
            Object::Constraint(constraint) => constraint.is_only_inherited(),
            _ => false,
        };
        let parents = match object {
            // Foreign keys end before partitions are detached.
            Object::Constraint(constraint) if is_inherited && constraint.refers_to.is_some() => {
                context.current.parents(&id.name)
            }
            _ if is_inherited => context.lasting_parents(&id.name),
            _ => Vec::new(),
        };
        wholes.extend(parents.into_iter().filter_map(|parent| dropped(&above(id, parent, Some(object)))));
    }
    // What goes with the table goes with it before anything less.
    wholes.sort_by_key(|node| actions.node(*node).0.kind != Kind::Relation);
    wholes.first().map(|whole| (*whole, bond))
}

/// Whether foreign keys refer to a table: its partitions must be detached before they can be dropped.
fn is_referred_to(table: &Name, context: &Context<'_>) -> bool {
    context
        .current
        .objects
        .values()
        .any(|object| matches!(object, Object::Constraint(constraint) if constraint.refers_to.as_ref() == Some(table)))
}

/// The change of the composite type that the columns of a table are of.
fn lasting_type(table: &Name, actions: &Actions, context: &Context<'_>) -> Option<usize> {
    let ty = typed_table::lasting_type(table, context)?;
    actions.find(&Id::new(Kind::Type, ty.clone()), Action::Alter)
}

/// A column that gets its new type with the column above, or with the attribute of which it is.
fn altered_with(id: &Id, actions: &Actions, fates: &Fates, context: &Context<'_>) -> Option<(usize, Bond)> {
    let is_by_itself = matches!(fates.get(id), Some(Fate::Alter(statements)) if !statements.is_empty());
    if is_by_itself || !fates.retyped.contains(id) {
        return None;
    }
    let above = context.lasting_parents(&id.name).into_iter();
    let mut above = above.filter_map(|parent| actions.find(&Id::column(parent, id.part.clone()), Action::Alter));
    above.next().or_else(|| lasting_type(&id.name, actions, context)).map(|whole| (whole, Bond::Firm))
}

/// The change of a composite type that ends an attribute, and with it the columns of its tables and its comment.
fn changed_type(id: &Id, object: &Object, actions: &Actions, context: &Context<'_>) -> Option<usize> {
    match object {
        Object::Column(_) => lasting_type(&id.name, actions, context),
        Object::Comment(_) if id.kind == Kind::Column => {
            let ty = Id::new(Kind::Type, id.name.clone());
            let is_gone = matches!(context.desired.get(&ty), Some(Object::Composite(composite))
                if composite.attributes.iter().all(|attribute| *attribute.name != *id.part));
            actions.find(&ty, Action::Alter).filter(|_| is_gone)
        }
        _ => None,
    }
}

/// The statements of a unit, which are those of its first node.
pub(crate) fn statements(unit: &Unit, actions: &Actions, fates: &Fates, context: &Context<'_>) -> Vec<Statement> {
    let Some((first, parts)) = unit.nodes.split_first() else { return Vec::new() };
    let (id, action) = actions.node(*first);
    let parts: Vec<&Id> = parts.iter().map(|part| actions.node(*part).0).collect();
    match action {
        Action::Create => match context.wanted(id) {
            Some(Object::Table(table)) => table.statements(id, &parts, context),
            Some(Object::Column(column)) => {
                let default = parts.iter().find(|part| part.aspect == Aspect::Default && part.name == id.name);
                let default = default.and_then(|default| context.desired.get(default));
                let is_serial = parts.iter().any(|part| part.aspect == Aspect::OwnedBy);
                column.add(id, default, is_serial, context)
            }
            Some(Object::Domain(domain)) => {
                let constraints: Vec<_> = parts
                    .iter()
                    .filter_map(|part| match context.desired.get(part) {
                        Some(Object::DomainConstraint(constraint)) => Some((*part, constraint)),
                        _ => None,
                    })
                    .collect();
                vec![Statement::whole(domain.statement(&context.name(&id.name), &constraints))]
            }
            Some(object) => object.create(id, context),
            // The privileges of an object that has none of its own, and was born with others.
            None if id.aspect == Aspect::Privileges => crate::kind::privileges::restored(id, context),
            None => Vec::new(),
        },
        Action::Drop => context.current.get(id).map_or(Vec::new(), |object| object.drop(id, context)),
        Action::Alter => match fates.get(id) {
            Some(Fate::Alter(statements)) => statements.clone(),
            _ => Vec::new(),
        },
        Action::SetAside | Action::DropAside => aside(id, action, context).into_iter().collect(),
        // Renames come before all else, and are not among these.
        Action::Rename => Vec::new(),
    }
}

/// Moves a type out of the way of the one that replaces it, and ends it in the end.
fn aside(id: &Id, action: Action, context: &Context<'_>) -> Option<Statement> {
    let object = context.current.get(id)?;
    let mut name = id.name.clone();
    // A name that nobody has on either side.
    loop {
        name.name = format!("{}_old", name.name).into();
        let other = Id::new(id.kind, name.clone());
        let relation = Id::relation(&name);
        if context.either(&other).is_none() && context.either(&relation).is_none() {
            break;
        }
    }
    Some(Statement::whole(match action {
        Action::SetAside => {
            format!("ALTER {} {} RENAME TO {}", object.keyword(), context.name(&id.name), identifier(&name.name))
        }
        _ => format!("DROP {} {}", object.keyword(), context.name(&name)),
    }))
}
