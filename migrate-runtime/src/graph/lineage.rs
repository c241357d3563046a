//! Lines of history: what shares one with a revision, and so belongs to its branch.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::graph::order::closure;

impl Graph<'_> {
    /// What shares a line of history with a revision: the revision, its ancestors and its descendants, by `parent` alone.
    pub(crate) fn lineage(&self, of: usize) -> BTreeSet<usize> {
        let mut lineage = closure([of], &self.parents);
        lineage.append(&mut closure([of], &self.children));
        lineage
    }

    /// What shares a line with a revision where dependencies count too.
    pub(crate) fn lineage_with_dependencies(&self, of: usize) -> BTreeSet<usize> {
        let mut lineage = self.ancestors([of]);
        lineage.append(&mut self.descendants([of]));
        lineage
    }

    /// The revision and its ancestors, by `parent` alone.
    pub(crate) fn ancestors_by_parent(&self, of: usize) -> BTreeSet<usize> {
        closure([of], &self.parents)
    }

    /// The revision and its descendants, by `parent` alone.
    pub(crate) fn descendants_by_parent(&self, of: usize) -> BTreeSet<usize> {
        closure([of], &self.children)
    }

    pub(crate) fn parents_of(&self, at: usize) -> &[usize] {
        &self.parents[at]
    }

    /// Whether several revisions have this one as a parent or dependency.
    pub(crate) fn has_several_after(&self, at: usize) -> bool {
        self.after[at].len() > 1
    }

    pub(crate) fn children_of(&self, at: usize) -> &[usize] {
        &self.children[at]
    }
}
