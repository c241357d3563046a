//! Which action must come before which.

use crate::context::Context;
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use crate::op::Action;
use std::collections::HashMap;

use super::action::Actions;
use super::propagate::Edges;

/// Pairs of nodes, of which the first comes before the second.
#[derive(Debug, Default)]
pub(crate) struct Precedence {
    /// What Postgres insists on.
    pub(crate) hard: Vec<(usize, usize)>,
    /// What it insists on only if it looks into the bodies of functions.
    pub(crate) soft: Vec<(usize, usize)>,
}

impl Precedence {
    pub(crate) fn of(actions: &Actions, edges: &Edges, context: &Context<'_>) -> Self {
        let mut precedence = Self::default();
        for (node, id, action) in actions.iter() {
            match action {
                Action::Create | Action::Alter => precedence.after_what_it_needs(node, id, actions, edges),
                Action::Rename | Action::Drop | Action::SetAside | Action::DropAside => {}
            }
            if matches!(action, Action::Drop | Action::Alter) {
                precedence.before_what_it_needed(node, id, action, actions, edges);
            }
            if action == Action::Create {
                for ended in [Action::Drop, Action::SetAside] {
                    precedence.hard.extend(actions.find(id, ended).map(|ended| (ended, node)));
                }
                precedence.hard.extend(actions.find(id, Action::DropAside).map(|last| (node, last)));
            }
        }
        precedence.names(actions, context);
        precedence.attachments(actions, context);
        precedence.bodies(actions, context);
        precedence
    }

    fn after_what_it_needs(&mut self, node: usize, id: &Id, actions: &Actions, edges: &Edges) {
        for (needed, _) in edges.desired.get(id).into_iter().flatten() {
            for action in [Action::Create, Action::Alter] {
                self.hard.extend(actions.find(needed, action).map(|before| (before, node)));
            }
        }
    }

    fn before_what_it_needed(&mut self, node: usize, id: &Id, action: Action, actions: &Actions, edges: &Edges) {
        let later: &[Action] = if action == Action::Drop {
            &[Action::Drop, Action::Alter, Action::SetAside]
        } else {
            &[Action::Drop, Action::DropAside]
        };
        for (needed, _) in edges.current.get(id).into_iter().flatten() {
            for action in later {
                self.hard.extend(actions.find(needed, *action).map(|after| (node, after)));
            }
        }
    }

    /// What has a name gives it up before another gets it.
    fn names(&mut self, actions: &Actions, context: &Context<'_>) {
        let mut given_up: HashMap<Name, Vec<usize>> = HashMap::new();
        for (node, id, action) in actions.iter() {
            if matches!(action, Action::Drop | Action::SetAside | Action::Alter)
                && let Some(name) = context.current.get(id).and_then(|object| object.claims(id))
                && (action != Action::Alter || id.kind == Kind::Column)
            {
                given_up.entry(name).or_default().push(node);
            }
        }
        for (node, id, action) in actions.iter() {
            if action == Action::Create
                && let Some(name) = context.desired.get(id).and_then(|object| object.claims(id))
            {
                for before in given_up.get(&name).into_iter().flatten() {
                    if actions.node(*before).0 != id {
                        self.hard.push((*before, node));
                    }
                }
            }
        }
    }

    /// A partition has its columns, constraints and indexes before it is attached, and before the table above gets its
    /// own: Postgres then takes those that are there, with the names that they have.
    fn attachments(&mut self, actions: &Actions, context: &Context<'_>) {
        let made: HashMap<Name, usize> = actions
            .iter()
            .filter(|(_, _, action)| *action == Action::Create)
            .filter_map(|(node, id, _)| Some((context.desired.get(id)?.claims(id)?, node)))
            .collect();
        let mut attached: HashMap<&Name, Vec<usize>> = HashMap::new();
        let mut above: HashMap<&Name, Vec<usize>> = HashMap::new();
        let mut detached: HashMap<&Name, Vec<usize>> = HashMap::new();
        let mut detached_only: HashMap<&Name, Vec<usize>> = HashMap::new();
        let mut detached_from: HashMap<&Name, Vec<usize>> = HashMap::new();
        for (node, id, action) in actions.iter().filter(|(_, id, _)| id.kind == Kind::Attachment) {
            let side = if action == Action::Drop { context.current } else { context.desired };
            if let (Some(Object::Attachment(attachment)), Aspect::Itself) = (side.get(id), id.aspect) {
                if action == Action::Drop {
                    detached.entry(&id.name).or_default().push(node);
                    detached_only.entry(&id.name).or_default().push(node);
                    detached_from.entry(&attachment.parent).or_default().push(node);
                    detached.entry(&attachment.parent).or_default().push(node);
                } else {
                    attached.entry(&id.name).or_default().push(node);
                    above.entry(&attachment.parent).or_default().push(node);
                    let tables =
                        [&attachment.parent, &id.name].map(|table| actions.find(&Id::relation(table), Action::Create));
                    if let [Some(parent), Some(child)] = tables {
                        self.hard.push((parent, child));
                    }
                }
            }
        }
        for (node, id, action) in actions.iter().filter(|(_, id, _)| id.aspect == Aspect::Itself) {
            let side = if action == Action::Drop { context.current } else { context.desired };
            let (table, is_key) = match side.get(id) {
                Some(Object::Index(index)) => (&index.table, true),
                Some(Object::Constraint(constraint)) => (&id.name, constraint.has_index()),
                Some(Object::Column(_)) => (&id.name, false),
                _ => continue,
            };
            let refers_to = match side.get(id) {
                Some(Object::Constraint(constraint)) => constraint.refers_to.as_ref(),
                _ => None,
            };
            let is_reference = refers_to.is_some();
            if let (Action::Drop, Some(refers_to)) = (action, refers_to) {
                // A partition that is detached keeps the foreign keys of the table above, and what refers to them.
                if !is_only_inherited(side.get(id)) {
                    let detached_above = [table, refers_to].into_iter().filter_map(|table| detached_from.get(table));
                    self.hard.extend(detached_above.flatten().map(|after| (node, *after)));
                }
                self.hard.extend(detached_only.get(table).into_iter().flatten().map(|before| (*before, node)));
            } else if action == Action::Drop {
                self.hard.extend(detached.get(table).into_iter().flatten().map(|before| (*before, node)));
            } else if is_loose(side.get(id), context) {
                // Postgres takes the first index that fits: one that is to stay apart comes too late for that.
                self.hard.extend(attached.get(table).into_iter().flatten().map(|before| (*before, node)));
                let parents = context.desired.parents(table);
                let above = actions.iter().filter(|(_, other, action)| {
                    let of = context.desired.get(other);
                    *action == Action::Create
                        && matches!(of, Some(Object::Index(index)) if parents.contains(&&index.table))
                });
                self.hard.extend(above.map(|(before, ..)| (before, node)));
            } else if !is_reference {
                self.hard.extend(attached.get(table).into_iter().flatten().map(|after| (node, *after)));
                if !is_key {
                    self.hard.extend(above.get(table).into_iter().flatten().map(|after| (node, *after)));
                }
                if action == Action::Alter {
                    self.hard.extend(detached.get(table).into_iter().flatten().map(|before| (*before, node)));
                }
            }
            let above = match side.get(id) {
                Some(Object::Index(index)) => index.attached_to.as_ref(),
                Some(Object::Constraint(constraint)) => constraint.attached_to.as_ref(),
                _ => None,
            };
            if action == Action::Create
                && !attached.contains_key(table)
                && let Some(above) = above.and_then(|above| made.get(above))
            {
                self.hard.push((node, *above));
            }
        }
    }

    /// A function comes after what its body names, as far as its words tell.
    fn bodies(&mut self, actions: &Actions, context: &Context<'_>) {
        let mut named: HashMap<&str, Vec<usize>> = HashMap::new();
        for (node, id, action) in actions.iter().filter(|(_, id, _)| id.aspect == Aspect::Itself) {
            let is_named = matches!(id.kind, Kind::Relation | Kind::Routine | Kind::Type | Kind::Column);
            if is_named && matches!(action, Action::Create | Action::Alter) {
                named.entry(&id.name.name).or_default().push(node);
            }
        }
        for (node, id, action) in actions.iter().filter(|(_, id, _)| id.kind == Kind::Routine) {
            let Some(Object::Routine(routine)) = context.desired.get(id) else { continue };
            if !matches!(action, Action::Create | Action::Alter) || id.aspect != Aspect::Itself || !routine.is_checked()
            {
                continue;
            }
            let words = routine.definition.split(|char: char| !(char.is_alphanumeric() || char == '_' || char == '$'));
            let words: std::collections::BTreeSet<&str> = words.collect();
            for before in words.iter().filter_map(|word| named.get(word)).flatten() {
                if *before != node {
                    self.soft.push((*before, node));
                }
            }
        }
    }
}

/// Whether an index of a partition is no part of an index of the table above.
fn is_loose(object: Option<&Object>, context: &Context<'_>) -> bool {
    matches!(object, Some(Object::Index(index))
        if index.attached_to.is_none() && !context.desired.parents(&index.table).is_empty())
}

fn is_only_inherited(object: Option<&Object>) -> bool {
    matches!(object, Some(Object::Constraint(constraint)) if constraint.is_only_inherited())
}
