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
        let taken = parents.iter().find(|id| follow == Follow::Heads && !self.children(id).is_empty());
        match taken {
            None => Ok(parents),
            Some(id) => Err(PlanError::NotAHead {
                revision: (*id).to_owned(),
                children: self.children(id).into_iter().map(str::to_owned).collect(),
            }),
        }
    }
}
