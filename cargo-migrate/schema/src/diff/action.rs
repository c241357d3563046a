//! The fates as single actions, each of which has a place in the order.

use crate::name::Id;
use crate::op::Action;
use std::collections::HashMap;

use super::decide::{Fate, Fates};

/// All actions; a node is the place of one in the list.
#[derive(Debug, Default)]
pub(crate) struct Actions {
    nodes: Vec<(Id, Action)>,
    index: HashMap<(Id, Action), usize>,
}

impl Actions {
    pub(crate) fn of(fates: &Fates) -> Self {
        let mut actions = Self::default();
        for (id, fate) in &fates.map {
            let parts: &[Action] = match fate {
                Fate::Create => &[Action::Create],
                Fate::Drop => &[Action::Drop],
                Fate::Alter(_) => &[Action::Alter],
                Fate::Rebuild => &[Action::Drop, Action::Create],
                Fate::Replace => &[Action::SetAside, Action::Create, Action::DropAside],
            };
            for action in parts {
                actions.index.insert((id.clone(), *action), actions.nodes.len());
                actions.nodes.push((id.clone(), *action));
            }
        }
        actions
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &Id, Action)> {
        self.nodes.iter().enumerate().map(|(index, (id, action))| (index, id, *action))
    }

    pub(crate) fn node(&self, node: usize) -> (&Id, Action) {
        let (id, action) = &self.nodes[node];
        (id, *action)
    }

    pub(crate) fn find(&self, id: &Id, action: Action) -> Option<usize> {
        // A lookup by reference would need a borrowed pair.
        self.index.get(&(id.clone(), action)).copied()
    }
}
