//! Lines of history: what shares one with a revision, and so belongs to its branch.

use std::collections::{BTreeSet, HashMap};

use crate::graph::Graph;
use crate::graph::order::closure;

impl<'a> Graph<'a> {
    /// The labels of the branches that each revision is on, in order; revisions on none are left out.
    #[must_use]
    pub fn branches(&self) -> HashMap<&'a str, Vec<&'a str>> {
        let mut branches: HashMap<&str, Vec<&str>> = HashMap::new();
        for at in (0..self.nodes.len()).filter(|at| !self.nodes[*at].labels.is_empty()) {
            for carrying in self.carried_from(at) {
                branches.entry(self.id(carrying)).or_default().extend(&self.nodes[at].labels);
            }
        }
        branches.values_mut().for_each(|labels| labels.sort_unstable());
        branches
    }

    /// The ids of a revision and of all that comes after it, by parent or dependency, in order; none when it is not known.
    #[must_use]
    pub fn with_descendants(&self, id: &str) -> Vec<&'a str> {
        self.descendants(self.position(id)).into_iter().map(|at| self.id(at)).collect()
    }

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

    /// What carries the label of a revision when revisions are shown: its descendants by parent, and, where nothing forks
    /// there, the plain line that leads to it. Alembic's rule.
    pub(crate) fn carried_from(&self, of: usize) -> BTreeSet<usize> {
        let mut carried = self.descendants_by_parent(of);
        let forks = |at: usize| self.has_several_after(at) || self.parents_of(at).len() > 1;
        if !carried.iter().any(|at| forks(*at)) {
            let mut at = of;
            while let [parent] = self.parents_of(at)[..] {
                if forks(parent) {
                    break;
                }
                carried.insert(parent);
                at = parent;
            }
        }
        carried
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
