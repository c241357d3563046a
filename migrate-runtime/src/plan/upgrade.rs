//! What an upgrade applies.

use std::collections::BTreeSet;

use crate::graph::{Graph, Tips};
use crate::plan::{Direction, Plan, PlanError};
use crate::target::{Anchor, Target};

impl Graph<'_> {
    /// The steps that apply every ancestor of `target`, by parent or dependency, that is not applied; none when all are.
    /// Ids that the graph does not know are passed over.
    ///
    /// # Errors
    ///
    /// When the target names nothing, several things, or leads nowhere.
    pub fn plan_upgrade(&self, applied: &BTreeSet<&str>, target: &Target) -> Result<Plan, PlanError> {
        let applied = self.known(applied);
        let targets = self.upgrade_targets(&applied, target)?;
        self.check_overlap(&targets)?;
        let wanted = self.ancestors(targets);
        Ok(self.steps(&applied, wanted.difference(&applied).copied(), Direction::Up))
    }

    /// The steps that apply some revisions and everything that comes before them.
    #[must_use]
    pub fn plan_with(&self, applied: &BTreeSet<&str>, revisions: &[String]) -> Plan {
        let applied = self.known(applied);
        let wanted = self.ancestors(revisions.iter().filter_map(|id| self.position(id)));
        self.steps(&applied, wanted.difference(&applied).copied(), Direction::Up)
    }

    pub(super) fn upgrade_targets(&self, applied: &BTreeSet<usize>, target: &Target) -> Result<Vec<usize>, PlanError> {
        let steps = target.steps;
        if target.anchor == Anchor::Current {
            Direction::Up.check_steps(steps)?;
        }
        let branch = self.branch(target)?;
        let reached = match (&target.anchor, steps) {
            (Anchor::Current, _) => {
                let from = self.upgrade_start(applied, target)?;
                self.walk(from, steps, branch.as_ref().map(|branch| &branch.lineage))?
            }
            (_, 0) => return self.resolve(target),
            (_, 1..) => {
                // Alembic's rule: the branch narrows the steps, and not the revision they begin at.
                let from = self.resolve_one(&Target { branch: None, ..target.clone() })?;
                self.walk(from, steps, branch.as_ref().map(|branch| &branch.lineage))?
            }
            _ => self.walk(self.resolve_one(target)?, steps, None)?,
        };
        let out_of_range = PlanError::RelativeOutOfRange { steps, available: steps.unsigned_abs() - 1 };
        reached.map(|at| vec![at]).ok_or(out_of_range)
    }

    /// The one current head that `+N` counts from, on the branch where one is given; `None` for base.
    fn upgrade_start(&self, applied: &BTreeSet<usize>, target: &Target) -> Result<Option<usize>, PlanError> {
        let tips: Vec<usize> = Tips::of(self, applied).positions().iter().copied().collect();
        let from = match self.branch(target)? {
            Some(branch) => self.ends_on_branch(&branch, tips),
            None => self.of_package(&None, tips),
        };
        match from[..] {
            [] => Ok(None),
            [at] => Ok(Some(at)),
            _ => Err(PlanError::AmbiguousStart {
                target: target.to_string(),
                direction: Direction::Up,
                heads: self.ids(from),
            }),
        }
    }
}
