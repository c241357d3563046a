//! What a downgrade undoes.

use std::collections::BTreeSet;

use crate::graph::{Branch, Graph, Tips};
use crate::plan::{Direction, Plan, PlanError};
use crate::target::{Anchor, Target};

impl Graph<'_> {
    /// The steps that undo every applied revision that follows `target`, on its branch where one is given, and everything
    /// that depends on those; none when nothing follows. Ids that the graph does not know are passed over.
    ///
    /// # Errors
    ///
    /// When the target names nothing, several things, or something that is not applied.
    pub fn plan_downgrade(&self, applied: &BTreeSet<&str>, target: &Target) -> Result<Plan, PlanError> {
        let applied = self.known(applied);
        let tips = Tips::of(self, &applied);
        let (branch, to) = self.downgrade_target(&applied, target)?;
        let mut following = match to {
            None => self.of_package(&branch, self.positions_of_bases()),
            Some(at) => self.children_of(at).to_vec(),
        };
        let not_a_path = || PlanError::NotAPath { target: target.to_string(), heads: tips.ids() };
        if let Some(branch) = branch.filter(|_| following.len() > 1) {
            let line = branch.leading(self);
            following.retain(|at| line.contains(at));
            if following.is_empty() {
                return Err(not_a_path());
            }
        }
        let undone = &self.descendants(following) & &applied;
        if undone.is_empty() && to.is_some_and(|at| !tips.positions().contains(&at)) {
            return Err(not_a_path());
        }
        Ok(self.steps(&applied, undone.into_iter().rev(), Direction::Down))
    }

    /// The steps that undo some applied revisions and everything that follows or depends on them.
    #[must_use]
    pub fn plan_without(&self, applied: &BTreeSet<&str>, revisions: &[String]) -> Plan {
        let applied = self.known(applied);
        let undone = &self.descendants(revisions.iter().filter_map(|id| self.position(id))) & &applied;
        self.steps(&applied, undone.into_iter().rev(), Direction::Down)
    }

    /// The branch to stay on and the revision to end at, `None` for base.
    pub(super) fn downgrade_target(
        &self,
        applied: &BTreeSet<usize>,
        target: &Target,
    ) -> Result<(Option<Branch>, Option<usize>), PlanError> {
        let steps = target.steps;
        match target.anchor {
            Anchor::Current => Direction::Down.check_steps(steps)?,
            // Alembic's rule: the branch says what is undone, and not which head is meant.
            Anchor::Head | Anchor::Heads if steps == 0 => {
                let head = self.resolve_one(&Target { branch: None, ..target.clone() })?;
                return Ok((self.branch(target)?, head));
            }
            _ => {}
        }
        let branch = self.branch(target)?;
        match (&target.anchor, steps) {
            (_, 0) => Ok((branch, self.resolve_one(target)?)),
            (_, 1..) => {
                let from = self.resolve_one(&Target { branch: None, ..target.clone() })?;
                let to = self.walk(from, steps, branch.as_ref().map(|branch| &branch.lineage))?;
                Ok((branch, to))
            }
            (Anchor::Current, _) => {
                let from = self.downgrade_start(applied, target, branch.as_ref())?;
                let to = self.walk(Some(from), steps, None)?;
                // From the one current head its own branch is meant.
                let own = || Branch::new(self, self.id(from), from);
                Ok((Some(branch.unwrap_or_else(own)), to))
            }
            _ => {
                let from = self.resolve_one(target)?;
                // Before the first revision of another package is that package's base.
                let package = from.and_then(|at| self.package(at)).and_then(|package| self.package_branch(package));
                Ok((branch.or(package), self.walk(from, steps, None)?))
            }
        }
    }

    /// The one current head that `-N` counts from, on the branch where one is given.
    fn downgrade_start(
        &self,
        applied: &BTreeSet<usize>,
        target: &Target,
        branch: Option<&Branch>,
    ) -> Result<usize, PlanError> {
        let tips = Tips::of(self, applied);
        let from = match branch {
            None => self.of_package(&None, tips.positions().iter().copied().collect()),
            // What another branch depends on is no current head, and still where its own branch stands.
            Some(branch) => match branch.of(tips.positions().iter().copied()) {
                from if from.is_empty() => branch.of(self.childless(applied)),
                from => from,
            },
        };
        match from[..] {
            [at] => Ok(at),
            [] => Err(PlanError::RelativeOutOfRange { steps: target.steps, available: 0 }),
            // Alembic takes the row that the server happens to return first.
            _ => Err(PlanError::AmbiguousStart {
                target: target.to_string(),
                direction: Direction::Down,
                heads: self.ids(from),
            }),
        }
    }
}
