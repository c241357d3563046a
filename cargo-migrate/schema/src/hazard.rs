//! What the users of a table that exists wait for.
//!
//! Only what takes the longer the more rows there are is told: nearly every `ALTER TABLE` locks its table, most of them
//! for a moment. The locks are those of the manual ([explicit locking], [`ALTER TABLE`]).
//!
//! [explicit locking]: https://www.postgresql.org/docs/current/explicit-locking.html
//! [`ALTER TABLE`]: https://www.postgresql.org/docs/current/sql-altertable.html

use std::fmt;

/// A table is locked for as long as all its rows are gone through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hazard {
    /// The table, as it is written in the script.
    pub table: String,
    /// Who waits.
    pub lock: Lock,
    /// For what.
    pub work: Work,
}

/// Who waits while a table is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Lock {
    /// Whoever writes: `SHARE`, `SHARE ROW EXCLUSIVE`.
    Writes,
    /// Everybody: `ACCESS EXCLUSIVE`.
    ReadsAndWrites,
}

/// What is done with all rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Work {
    /// Each is written anew, and so is each index.
    Rewrite,
    /// The files are copied to another place.
    Copy,
    /// Each is read, to see whether it meets a condition.
    Check,
    /// Each is read and put into an index.
    Index,
}

impl Hazard {
    /// Whether a statement with the other need not tell this one: what is checked is checked as it is rewritten.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.table == other.table && self.lock <= other.lock && self.work == Work::Check && other.work == Work::Rewrite
    }
}

/// As it stands above a statement, after `-- locks: `.
impl fmt::Display for Hazard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let against = match self.lock {
            Lock::Writes => "writes",
            Lock::ReadsAndWrites => "reads and writes",
        };
        let meanwhile = match self.work {
            Work::Rewrite => "every row is rewritten",
            Work::Copy => "it is copied",
            Work::Check => "every row is checked",
            Work::Index => "the index is built",
        };
        write!(formatter, "{} against {against} while {meanwhile}", self.table)
    }
}
