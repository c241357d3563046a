//! From (graph, applied set, target) to steps: pure, and the same for every caller.

use std::collections::BTreeSet;

use crate::graph::{Graph, nearest};
use crate::target::Target;

/// Which way a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Upgrade.
    Up,
    /// Downgrade.
    Down,
}

impl Direction {
    /// `up` or `down`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// One revision, one way, and the current heads after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which way.
    pub direction: Direction,
    /// The id of the revision.
    pub revision: String,
    /// The current heads after the step, in order of id.
    pub heads: Vec<String>,
}

/// Steps that lead from an applied set to a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Nothing is called so.
    #[error("no revision is called `{name}`{}", nearest.as_ref().map(|id| format!("; did you mean `{id}`?")).unwrap_or_default())]
    UnknownRevision {
        /// What was typed.
        name: String,
        /// The known id or slug most like it.
        nearest: Option<String>,
    },
    /// A prefix of several ids.
    #[error("`{prefix}` may be {}", candidates.join(" or "))]
    AmbiguousId {
        /// What was typed.
        prefix: String,
        /// The ids that begin so.
        candidates: Vec<String>,
    },
    /// `head` where there are several.
    #[error("there are several heads: {}; say `heads`, or name one", heads.join(", "))]
    MultipleHeads {
        /// The ids of the heads.
        heads: Vec<String>,
    },
    /// More steps than there are.
    #[error("`{steps:+}` goes too far: only {available} can be taken from here")]
    RelativeOutOfRange {
        /// What was asked for.
        steps: i64,
        /// How many there are.
        available: usize,
    },
    /// A relative step where the way forks.
    #[error("`{steps:+}` is ambiguous here: it may lead over {}; name a revision", candidates.join(" or "))]
    AmbiguousWalk {
        /// What was asked for.
        steps: i64,
        /// The revisions that may be next.
        candidates: Vec<String>,
    },
    /// A target that lies on the other side of where the database is.
    #[error("`{target}` is not {} from where the database is; use `{}`", if *.direction == Direction::Up { "an upgrade" } else { "a downgrade" }, if *.direction == Direction::Up { "downgrade" } else { "upgrade" })]
    WrongDirection {
        /// What was typed.
        target: String,
        /// The way that was asked for.
        direction: Direction,
    },
}

impl Graph<'_> {
    /// The revision that an id, a unique prefix of at least four characters, or a slug names.
    ///
    /// # Errors
    ///
    /// [`PlanError::UnknownRevision`] and [`PlanError::AmbiguousId`].
    pub fn find(&self, name: &str) -> Result<&str, PlanError> {
        self.locate(name).map(|at| self.nodes()[at].id)
    }

    fn locate(&self, name: &str) -> Result<usize, PlanError> {
        if let Some(at) = self.position(name) {
            return Ok(at);
        }
        if let Some(at) = self.nodes().iter().position(|node| node.slug == name) {
            return Ok(at);
        }
        let candidates: Vec<usize> = match name.chars().count() {
            0..4 => Vec::new(),
            _ => (0..self.nodes().len()).filter(|at| self.nodes()[*at].id.starts_with(name)).collect(),
        };
        match candidates[..] {
            [at] => Ok(at),
            [] => {
                let names = self.nodes().iter().flat_map(|node| [node.id, node.slug]);
                Err(PlanError::UnknownRevision {
                    name: name.to_owned(),
                    nearest: nearest(name, names).map(str::to_owned),
                })
            }
            _ => Err(PlanError::AmbiguousId { prefix: name.to_owned(), candidates: self.ids(&candidates) }),
        }
    }

    /// The steps that apply every ancestor of `target` that is not applied.
    ///
    /// # Errors
    ///
    /// When the target names nothing, several things, or something that is no upgrade.
    pub fn plan_upgrade(&self, applied: &BTreeSet<&str>, target: &Target) -> Result<Plan, PlanError> {
        let applied = self.known(applied);
        let wanted = match target {
            Target::Heads => (0..self.nodes().len()).collect(),
            Target::Head => self.ancestors(self.sole_head()?),
            Target::Base => return Err(wrong_way(target, Direction::Up)),
            Target::Revision(name) => {
                let at = self.locate(name)?;
                if !self.descendants([at]).is_disjoint(&applied) && !applied.contains(&at) {
                    return Err(wrong_way(target, Direction::Up));
                }
                self.ancestors([at])
            }
            Target::Relative(steps) => self.walk_up(&applied, *steps)?,
        };
        let missing: Vec<usize> = wanted.difference(&applied).copied().collect();
        Ok(self.steps(applied, missing, Direction::Up))
    }

    /// The steps that un-apply every applied descendant of `target`.
    ///
    /// # Errors
    ///
    /// When the target names nothing, several things, or something that is not applied.
    pub fn plan_downgrade(&self, applied: &BTreeSet<&str>, target: &Target) -> Result<Plan, PlanError> {
        let applied = self.known(applied);
        let undone: BTreeSet<usize> = match target {
            Target::Base => applied.clone(),
            Target::Heads => BTreeSet::new(),
            Target::Head => self.below(self.sole_head()?),
            Target::Revision(name) => {
                let at = self.locate(name)?;
                if !applied.contains(&at) {
                    return Err(wrong_way(target, Direction::Down));
                }
                self.below(Some(at))
            }
            Target::Relative(steps) => self.walk_down(&applied, *steps)?,
        };
        let undone: Vec<usize> = (&undone & &applied).into_iter().rev().collect();
        Ok(self.steps(applied, undone, Direction::Down))
    }

    fn below(&self, of: Option<usize>) -> BTreeSet<usize> {
        let mut below = self.descendants(of);
        of.map(|at| below.remove(&at));
        below
    }

    fn known(&self, applied: &BTreeSet<&str>) -> BTreeSet<usize> {
        applied.iter().filter_map(|id| self.position(id)).collect()
    }

    fn sole_head(&self) -> Result<Option<usize>, PlanError> {
        match self.heads()[..] {
            [] => Ok(None),
            [head] => Ok(self.position(head.id)),
            ref heads => Err(PlanError::MultipleHeads { heads: heads.iter().map(|head| head.id.to_owned()).collect() }),
        }
    }

    /// Takes `steps` revisions, each the only one that could be next.
    fn walk_up(&self, applied: &BTreeSet<usize>, steps: i64) -> Result<BTreeSet<usize>, PlanError> {
        if steps < 0 {
            return Err(wrong_way(&Target::Relative(steps), Direction::Up));
        }
        let mut reached = applied.clone();
        for available in 0..steps.unsigned_abs() {
            let next: Vec<usize> = (0..self.nodes().len())
                .filter(|at| {
                    !reached.contains(at) && self.ancestors([*at]).iter().all(|a| a == at || reached.contains(a))
                })
                .collect();
            match next[..] {
                [at] => reached.insert(at),
                [] => return Err(out_of_range(steps, available)),
                _ => return Err(PlanError::AmbiguousWalk { steps, candidates: self.ids(&next) }),
            };
        }
        Ok(reached)
    }

    fn walk_down(&self, applied: &BTreeSet<usize>, steps: i64) -> Result<BTreeSet<usize>, PlanError> {
        if steps > 0 {
            return Err(wrong_way(&Target::Relative(steps), Direction::Down));
        }
        let mut left = applied.clone();
        for available in 0..steps.unsigned_abs() {
            let next: Vec<usize> = left.iter().copied().filter(|at| self.below(Some(*at)).is_disjoint(&left)).collect();
            match next[..] {
                [at] => left.remove(&at),
                [] => return Err(out_of_range(steps, available)),
                _ => return Err(PlanError::AmbiguousWalk { steps, candidates: self.ids(&next) }),
            };
        }
        Ok(applied - &left)
    }

    fn steps(&self, mut applied: BTreeSet<usize>, order: Vec<usize>, direction: Direction) -> Plan {
        let steps = order.into_iter().map(|at| {
            match direction {
                Direction::Up => applied.insert(at),
                Direction::Down => applied.remove(&at),
            };
            let ids: BTreeSet<&str> = applied.iter().map(|at| self.nodes()[*at].id).collect();
            Step {
                direction,
                revision: self.nodes()[at].id.to_owned(),
                heads: self.maximal(&ids).into_iter().map(str::to_owned).collect(),
            }
        });
        Plan { steps: steps.collect() }
    }

    fn ids(&self, positions: &[usize]) -> Vec<String> {
        positions.iter().map(|at| self.nodes()[*at].id.to_owned()).collect()
    }
}

fn wrong_way(target: &Target, direction: Direction) -> PlanError {
    PlanError::WrongDirection { target: target.to_string(), direction }
}

fn out_of_range(steps: i64, available: u64) -> PlanError {
    PlanError::RelativeOutOfRange { steps, available: usize::try_from(available).unwrap_or(0) }
}
