//! What a stamp records and forgets: nothing is run.

use std::collections::BTreeSet;

use crate::graph::{Graph, Tips};
use crate::plan::PlanError;
use crate::target::{Anchor, Target};

/// What a stamp changes in the version table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// The ids that become applied, parents first.
    pub recorded: Vec<String>,
    /// The ids that are forgotten, children first.
    pub forgotten: Vec<String>,
    /// The current heads at the end, in order of id.
    pub heads: Vec<String>,
    /// The revisions up to which everything is applied then: the targets, and the current heads that stay. Alembic would
    /// keep a row for each, also for a target that is an ancestor of another.
    pub reached: Vec<String>,
}

impl Graph<'_> {
    /// What is applied after a stamp to `targets`: their ancestors, and what has no line of history or dependency in
    /// common with them. Ids that the graph does not know are passed over.
    ///
    /// This is Alembic's rule: the current heads that are related to a target give way to it, also those of a branch that
    /// has begun after it.
    ///
    /// # Errors
    ///
    /// When a target names nothing or several things, or counts steps.
    pub fn plan_stamp(&self, applied: &BTreeSet<&str>, targets: &[Target]) -> Result<Stamp, PlanError> {
        let applied = self.known(applied);
        let current = Tips::of(self, &applied);
        let current = current.positions();
        let mut replaced = BTreeSet::new();
        let mut reached = BTreeSet::new();
        for target in targets {
            if target.steps != 0 || target.anchor == Anchor::Current {
                return Err(PlanError::CountedTarget { target: target.to_string() });
            }
            replaced.extend(self.related(current, target)?);
            reached.extend(self.resolve(target)?);
        }
        let gives_way = reached
            .iter()
            .filter(|at| !replaced.contains(*at))
            .any(|at| !self.lineage_with_dependencies(*at).is_disjoint(&replaced));
        let mut heads = current.clone();
        if gives_way || reached.is_empty() {
            heads = &heads - &replaced;
        }
        heads.append(&mut reached);
        let mut after = self.ancestors(heads.iter().copied());
        self.keep_other_packages(&applied, targets, &mut after)?;
        // Of what stays there may be more that nothing follows.
        heads.extend(Tips::of(self, &after).positions());
        heads.retain(|at| after.contains(at));
        Ok(Stamp {
            recorded: self.ids(after.difference(&applied).copied()),
            forgotten: self.ids((&applied - &after).into_iter().rev()),
            heads: Tips::of(self, &after).ids(),
            reached: self.ids(heads),
        })
    }

    /// Leaves what is applied of the packages that no target speaks of, but for what depends on a revision that is forgotten:
    /// the base of a package is before all of its revisions, also those that other packages depend on.
    fn keep_other_packages(
        &self,
        applied: &BTreeSet<usize>,
        targets: &[Target],
        after: &mut BTreeSet<usize>,
    ) -> Result<(), PlanError> {
        let Some(meant) = self.meant(targets)? else { return Ok(()) };
        let mut emptied = BTreeSet::new();
        for target in targets.iter().filter(|target| target.anchor == Anchor::Base) {
            emptied.insert(self.package_of(target)?.map(str::to_owned));
        }
        let package = |at: &usize| self.package(*at).map(str::to_owned);
        let is_gone =
            |at: &usize| emptied.contains(&package(at)) || meant.contains(&package(at)) && !after.contains(at);
        let gone = self.descendants(applied.iter().copied().filter(is_gone));
        after.extend(applied.iter().filter(|at| !meant.contains(&package(at))));
        after.retain(|at| !gone.contains(at));
        Ok(())
    }

    /// The packages that targets speak of, `None` among them for the own one; nothing where they speak of all that there
    /// are.
    pub(crate) fn meant(&self, targets: &[Target]) -> Result<Option<BTreeSet<Option<String>>>, PlanError> {
        if (0..self.nodes().len()).all(|at| self.is_own(at)) || targets.contains(&Target::heads()) {
            return Ok(None);
        }
        let packages = targets.iter().map(|target| Ok(self.package_of(target)?.map(str::to_owned)));
        packages.collect::<Result<_, _>>().map(Some)
    }

    /// The package that a target speaks of, where that is another.
    fn package_of(&self, target: &Target) -> Result<Option<&str>, PlanError> {
        let branch = self.branch(target)?;
        let on_branch = branch.as_ref().and_then(|branch| branch.lineage.first().copied());
        let at = on_branch.or(self.resolve(target)?.first().copied());
        Ok(at.and_then(|at| self.package(at)))
    }

    /// The current heads that share a line of history or a dependency with a target: with the branch, or with the revision.
    fn related(&self, current: &BTreeSet<usize>, target: &Target) -> Result<BTreeSet<usize>, PlanError> {
        let branch = self.branch(target)?;
        let mut with: Vec<usize> = branch.iter().filter_map(|branch| branch.at).collect();
        with.extend(self.resolve(target)?);
        if with.is_empty() {
            return Ok(self.of_package(&branch, current.iter().copied().collect()).into_iter().collect());
        }
        let related: BTreeSet<usize> = with.into_iter().flat_map(|at| self.lineage_with_dependencies(at)).collect();
        Ok(current & &related)
    }
}
