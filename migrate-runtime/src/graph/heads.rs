//! Heads: of the graph, and of a set of applied revisions.

use std::collections::BTreeSet;

use crate::graph::order::closure;
use crate::graph::{Graph, Node, SeveralHeads};

impl<'a> Graph<'a> {
    /// The revisions without a child, in order of id.
    #[must_use]
    pub fn heads(&self) -> Vec<&Node<'a>> {
        self.nodes_in_order_of_id(self.heads_by_parent())
    }

    /// The revisions without a parent, in order of id.
    #[must_use]
    pub fn bases(&self) -> Vec<&Node<'a>> {
        self.nodes_in_order_of_id(self.positions_of_bases())
    }

    /// Whether a head is one only because nothing is its child: something depends on it, so it is no current head once
    /// everything is applied. Alembic calls it an effective head.
    #[must_use]
    pub fn is_effective_head(&self, id: &str) -> bool {
        self.position(id).is_some_and(|at| self.children[at].is_empty() && !self.after[at].is_empty())
    }

    /// Checks that branch labels tell the heads apart.
    ///
    /// # Errors
    ///
    /// When there are several heads and one of them is covered by no label of its own.
    pub fn check_heads(&self) -> Result<(), SeveralHeads> {
        if self.unlabelled_heads().is_empty() {
            return Ok(());
        }
        let heads = self.heads();
        let lines = heads.iter().map(|head| self.line(head.id));
        let shared = lines.reduce(|shared, line| &shared & &line).unwrap_or_default();
        Err(SeveralHeads {
            heads: heads.iter().map(|head| head.id.to_owned()).collect(),
            fork: shared.last().map(|at| self.nodes[*at].id.to_owned()),
        })
    }

    /// The heads that no branch label tells apart from the others, in order of id; none when there is but one head.
    #[must_use]
    pub fn unlabelled_heads(&self) -> Vec<&'a str> {
        let heads = self.heads();
        if heads.len() < 2 {
            return Vec::new();
        }
        let lines: Vec<BTreeSet<usize>> = heads.iter().map(|head| self.line(head.id)).collect();
        let mut n_lines = vec![0_usize; self.nodes.len()];
        lines.iter().flatten().for_each(|at| n_lines[*at] += 1);
        let is_alike =
            |line: &BTreeSet<usize>| !line.iter().any(|at| !self.nodes[*at].labels.is_empty() && n_lines[*at] == 1);
        heads.iter().zip(&lines).filter(|(_, line)| is_alike(line)).map(|(head, _)| head.id).collect()
    }

    /// A revision and its ancestors by `parent` alone: a dependency is no line of history, and no label reaches over it.
    fn line(&self, id: &str) -> BTreeSet<usize> {
        closure(self.position(id), &self.parents)
    }

    /// The maximal elements of a set of applied ids: the current heads. Ids the graph does not know are passed over.
    #[must_use]
    pub fn maximal<'s>(&self, applied: &BTreeSet<&'s str>) -> Vec<&'s str> {
        let covered: BTreeSet<usize> =
            applied.iter().filter_map(|id| self.position(id)).flat_map(|at| self.before[at].iter().copied()).collect();
        applied.iter().copied().filter(|id| self.position(id).is_some_and(|at| !covered.contains(&at))).collect()
    }

    /// The current heads of a set of applied ids, and the applied revisions that have no applied child: those are heads of
    /// their branch although something on another branch depends on them. In order of id, as Alembic's `current` has them.
    #[must_use]
    pub fn current_heads(&self, applied: &BTreeSet<&str>) -> Vec<&'a str> {
        let mut ids: Vec<&str> = self.childless(&self.known(applied)).map(|at| self.id(at)).collect();
        ids.sort_unstable();
        ids
    }

    /// Those of a set that have no child in it.
    pub(crate) fn childless<'s>(&'s self, set: &'s BTreeSet<usize>) -> impl Iterator<Item = usize> + 's {
        set.iter().copied().filter(|at| !self.children[*at].iter().any(|child| set.contains(child)))
    }

    /// The positions of the ids that are known.
    pub(crate) fn known(&self, ids: &BTreeSet<&str>) -> BTreeSet<usize> {
        ids.iter().filter_map(|id| self.position(id)).collect()
    }

    /// Without a child.
    pub(crate) fn heads_by_parent(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|at| self.children[*at].is_empty()).collect()
    }

    /// With nothing after them, by parent or dependency.
    pub(crate) fn real_heads(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|at| self.after[*at].is_empty()).collect()
    }

    pub(crate) fn positions_of_bases(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|at| self.parents[*at].is_empty()).collect()
    }

    fn nodes_in_order_of_id(&self, positions: Vec<usize>) -> Vec<&Node<'a>> {
        let mut nodes: Vec<&Node<'a>> = positions.into_iter().map(|at| &self.nodes[at]).collect();
        nodes.sort_unstable_by_key(|node| node.id);
        nodes
    }
}

/// The current heads of a set, kept up to date while revisions come and go: a step costs as much as it has edges, so that
/// a plan over a whole history stays linear.
#[derive(Debug)]
pub(crate) struct Tips<'g> {
    graph: &'g Graph<'g>,
    applied: Vec<bool>,
    /// How many applied revisions have this one as a parent or dependency.
    n_after: Vec<usize>,
    tips: BTreeSet<usize>,
}

impl<'g> Tips<'g> {
    pub(crate) fn of(graph: &'g Graph<'g>, applied: &BTreeSet<usize>) -> Self {
        let n_nodes = graph.nodes.len();
        let mut tips = Self { graph, applied: vec![false; n_nodes], n_after: vec![0; n_nodes], tips: BTreeSet::new() };
        for at in applied {
            tips.insert(*at);
        }
        tips
    }

    pub(crate) fn insert(&mut self, at: usize) {
        if std::mem::replace(&mut self.applied[at], true) {
            return;
        }
        for before in &self.graph.before[at] {
            self.n_after[*before] += 1;
            self.tips.remove(before);
        }
        if self.n_after[at] == 0 {
            self.tips.insert(at);
        }
    }

    pub(crate) fn remove(&mut self, at: usize) {
        if !std::mem::replace(&mut self.applied[at], false) {
            return;
        }
        self.tips.remove(&at);
        for before in &self.graph.before[at] {
            self.n_after[*before] -= 1;
            if self.n_after[*before] == 0 && self.applied[*before] {
                self.tips.insert(*before);
            }
        }
    }

    /// The positions.
    pub(crate) fn positions(&self) -> &BTreeSet<usize> {
        &self.tips
    }

    /// The ids, in order.
    pub(crate) fn ids(&self) -> Vec<String> {
        let mut ids = self.graph.ids(self.tips.iter().copied());
        ids.sort_unstable();
        ids
    }
}
