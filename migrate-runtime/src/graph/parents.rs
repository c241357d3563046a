//! What a new revision follows.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::plan::PlanError;
use crate::target::Target;

/// Which revisions may be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// Only heads, so that no branch begins unawares.
    Heads,
    /// Any: a branch begins where a revision has a child already. Alembic's `--splice`.
    Any,
}

impl<'a> Graph<'a> {
    /// The ids of the parents of a new revision at `target`: none for `base`, several for `heads`.
    ///
    /// # Errors
    ///
    /// When the target names nothing or too many, and [`PlanError::NotAHead`].
    pub fn new_parents(&self, target: &Target, follow: Follow) -> Result<Vec<&'a str>, PlanError> {
        if target.is_current() {
            return Err(PlanError::CountedTarget { target: target.to_string() });
        }
        let parents = self.select(target, &BTreeSet::new())?;
        self.check_follow(&parents, follow)?;
        Ok(parents)
    }

    /// The ids of the parents of a merge revision: all that the targets name, each once.
    ///
    /// `heads` is every revision without a child, also one that another depends on: after the merge there is one head.
    /// Alembic leaves that one out, and then there are two.
    ///
    /// # Errors
    ///
    /// When a target names nothing, [`PlanError::NotAHead`], and [`PlanError::Overlap`] where one parent is an ancestor of
    /// another.
    pub fn merge_parents(&self, targets: &[Target], follow: Follow) -> Result<Vec<&'a str>, PlanError> {
        let mut parents: Vec<&str> = Vec::new();
        for target in targets {
            let named = match *target == Target::heads() {
                true => self.heads().into_iter().map(|node| node.id).collect(),
                false => self.new_parents(target, follow)?,
            };
            let new: Vec<&str> = named.into_iter().filter(|id| !parents.contains(id)).collect();
            parents.extend(new);
        }
        for later in &parents {
            let line: BTreeSet<usize> =
                self.position(later).into_iter().flat_map(|at| self.ancestors_by_parent(at)).collect();
            let is_earlier = |id: &&&str| *id != later && self.position(id).is_some_and(|at| line.contains(&at));
            if let Some(earlier) = parents.iter().find(is_earlier) {
                let [earlier, later] = [earlier, later].map(|id| (*id).to_owned());
                return Err(PlanError::Overlap { earlier, later });
            }
        }
        Ok(parents)
    }

    fn check_follow(&self, parents: &[&str], follow: Follow) -> Result<(), PlanError> {
        let taken = parents.iter().find(|id| follow == Follow::Heads && !self.children(id).is_empty());
        match taken {
            None => Ok(()),
            Some(id) => Err(PlanError::NotAHead {
                revision: (*id).to_owned(),
                children: self.children(id).into_iter().map(str::to_owned).collect(),
            }),
        }
    }
}
