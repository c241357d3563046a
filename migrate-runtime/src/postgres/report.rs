//! What a run has done.

use std::fmt;
use std::time::Duration;

use crate::plan::Direction;

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Done {
    /// Which way.
    pub direction: Direction,
    /// The id.
    pub revision: String,
    /// One sentence on what the revision does.
    pub summary: String,
    /// How long it took.
    pub elapsed: Duration,
}

/// What an upgrade or a downgrade has done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The steps that this run took, in order; none when there was nothing to do.
    pub steps: Vec<Done>,
    /// The current heads now, in order of id.
    pub heads: Vec<String>,
    /// Applied revisions that this binary does not know.
    pub unknown: Vec<String>,
}

/// One line: `upgraded by 2 revisions to 20261122101500`, or `current at 20261122101500`.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = if self.heads.is_empty() { "base".to_owned() } else { self.heads.join(", ") };
        let n_steps = self.steps.len();
        let plural = if n_steps == 1 { "" } else { "s" };
        let n_up = self.steps.iter().filter(|step| step.direction == Direction::Up).count();
        if n_up > 0 && n_up < n_steps {
            return write!(f, "switched: {} undone and {n_up} applied, now at {heads}", n_steps - n_up);
        }
        match self.steps.first().map(|step| step.direction) {
            None => write!(f, "current at {heads}"),
            Some(Direction::Up) => write!(f, "upgraded by {n_steps} revision{plural} to {heads}"),
            Some(Direction::Down) => write!(f, "downgraded by {n_steps} revision{plural} to {heads}"),
        }
    }
}
