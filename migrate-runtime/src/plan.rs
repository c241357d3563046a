//! From (graph, applied set, target) to steps: pure, and the same for every caller.

mod downgrade;
mod error;
mod stamp;
mod upgrade;

use std::collections::BTreeSet;

pub use self::error::PlanError;
pub use self::stamp::Stamp;
use crate::graph::{Graph, Tips};
use crate::target::{Anchor, Target};

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

    /// Refuses a count of steps that leads the other way, or nowhere.
    fn check_steps(self, steps: i64) -> Result<(), PlanError> {
        let fits = match self {
            Self::Up => steps > 0,
            Self::Down => steps < 0,
        };
        match steps {
            _ if fits => Ok(()),
            0 => Err(PlanError::RelativeOutOfRange { steps, available: 0 }),
            _ => Err(PlanError::WrongWay { steps, direction: self }),
        }
    }

    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Up => "an upgrade",
            Self::Down => "a downgrade",
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
    /// The current heads at the end, in order of id.
    pub heads: Vec<String>,
}

impl Graph<'_> {
    /// Checks what can be said of a target before it is known where the database is.
    ///
    /// # Errors
    ///
    /// When it names nothing or too many, or counts too far or the wrong way.
    pub fn check_target(&self, direction: Direction, target: &Target) -> Result<(), PlanError> {
        match (direction, target.anchor == Anchor::Current) {
            (Direction::Up, false) => self.check_overlap(&self.upgrade_targets(&BTreeSet::new(), target)?),
            (Direction::Down, false) => self.downgrade_target(&BTreeSet::new(), target).map(|_| ()),
            (direction, true) => {
                direction.check_steps(target.steps)?;
                self.branch(target).map(|_| ())
            }
        }
    }

    /// The plan that applies or undoes `revisions`, in this order.
    fn steps(
        &self,
        applied: &BTreeSet<usize>,
        revisions: impl IntoIterator<Item = usize>,
        direction: Direction,
    ) -> Plan {
        let mut tips = Tips::of(self, applied);
        let steps = revisions.into_iter().map(|at| {
            match direction {
                Direction::Up => tips.insert(at),
                Direction::Down => tips.remove(at),
            }
            Step { direction, revision: self.id(at).to_owned(), heads: tips.ids() }
        });
        let steps: Vec<Step> = steps.collect();
        Plan { steps, heads: tips.ids() }
    }
}
