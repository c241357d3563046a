//! Which action must come before which.

use crate::context::Context;
use crate::kind::privileges::owner_of;
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use crate::op::Action;
use std::collections::HashMap;

use super::action::Actions;
use super::edges::Edges;
use super::partitions;

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
            if matches!(action, Action::Drop | Action::Alter | Action::DropAside) {
                precedence.before_what_it_needed(node, id, action, actions, edges);
            }
            if action == Action::Create {
                for ended in [Action::Drop, Action::SetAside] {
                    precedence.hard.extend(actions.find(id, ended).map(|ended| (ended, node)));
                }
                precedence.hard.extend(actions.find(id, Action::DropAside).map(|last| (node, last)));
            }
        }
        precedence.types(actions);
        precedence.owners(actions);
        precedence.names(actions, context);
        precedence.hard.extend(partitions::precedence(actions, context));
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
        let later: &[Action] =
            if action == Action::Drop && !matches!(id.aspect, Aspect::Itself | Aspect::Default | Aspect::OfType) {
                // A comment, or what a sequence belongs to, does not stand in the way of a change.
                &[Action::Drop]
            } else if action == Action::Drop {
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

    /// The columns of a table that is of a type cannot be changed.
    fn types(&mut self, actions: &Actions) {
        for (node, id, action) in actions.iter().filter(|(_, id, _)| id.aspect == Aspect::OfType) {
            let is_column =
                |other: &Id| other.kind == Kind::Column && other.name == id.name && other.aspect == Aspect::Itself;
            for (other, ..) in actions.iter().filter(|(_, other, _)| is_column(other)) {
                self.hard.push(if action == Action::Drop { (node, other) } else { (other, node) });
            }
        }
    }

    /// What is granted is granted by the owner that there is in the end.
    fn owners(&mut self, actions: &Actions) {
        for (node, id, action) in actions.iter().filter(|(_, id, _)| id.aspect == Aspect::Privileges) {
            let object = owner_of(id);
            // What is dropped has no need of either.
            if action == Action::Drop && actions.find(&object, Action::Drop).is_some() {
                continue;
            }
            let owner = object.aspect(Aspect::Owner);
            let given = [Action::Create, Action::Alter].into_iter().filter_map(|action| actions.find(&owner, action));
            self.hard.extend(given.map(|owner| (owner, node)));
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
