//! What happens during a run, told as it happens.

use std::time::Duration;

use crate::plan::Direction;
use crate::postgres::lock::Holder;
use crate::postgres::watching::Blocker;

/// Something that happened during an upgrade or a downgrade.
///
/// Every event also goes out through `tracing`, with the target `migrate_runtime`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// Something is pending, and this session on the server will do it; it can be ended from elsewhere by its process id.
    Connected {
        /// `pg_backend_pid()` of the session.
        backend_pid: i32,
    },
    /// Somebody else holds the lock; told about once a second.
    Waiting {
        /// Who, when the server says.
        holder: Option<Holder>,
        /// Since when this run waits.
        waited: Duration,
    },
    /// A revision waits for what other sessions have locked; told about once a second, from the first second on.
    Blocked {
        /// Those sessions, the one with the oldest transaction first.
        blockers: Vec<Blocker>,
        /// Since when the statement is under way.
        waited: Duration,
    },
    /// A step, or a batch of one, was rolled back because of another session's locks, and is tried again.
    Retrying {
        /// The id.
        revision: String,
        /// What Postgres said.
        why: String,
        /// For how long it was tried.
        waited: Duration,
    },
    /// A concurrent build that was cut off has left an index behind, which is dropped before it is built again.
    Leftover {
        /// The id.
        revision: String,
        /// The index, as SQL names it.
        index: String,
    },
    /// The connection broke, and another one will tell what became of the step.
    Reconnecting {
        /// The id.
        revision: String,
        /// Since when the server is looked for.
        waited: Duration,
    },
    /// The database has revisions that this binary does not know, and may run with them.
    Ahead {
        /// Their ids.
        revisions: Vec<String>,
    },
    /// The database has revisions on which some of this binary were built, and the binary does not have them: their files
    /// are gone, and a new database does not get what they did.
    Lost {
        /// Their ids.
        revisions: Vec<String>,
    },
    /// An applied revision's file differs in comments or white space alone.
    CosmeticEdit {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
    },
    /// A step begins.
    Started {
        /// Which way.
        direction: Direction,
        /// The id.
        revision: String,
        /// One sentence on what it does.
        summary: String,
        /// Which step of this run, from 1.
        n: usize,
        /// How many steps are planned.
        of: usize,
        /// How many statements an interrupted run had already done.
        resumed_after: usize,
    },
    /// One statement of a script without a transaction is done and recorded.
    StatementDone {
        /// The id.
        revision: String,
        /// Which statement, from 1.
        n: usize,
        /// How many there are.
        of: usize,
    },
    /// How far the function of a Rust revision has come: after each batch, and when it says so.
    Progress {
        /// The id.
        revision: String,
        /// How much is done, with what an earlier run has done of it.
        done: u64,
        /// Of how much, where that is known. It may have been counted some time ago, or be an estimate.
        total: Option<u64>,
        /// Since when this run is at it.
        elapsed: Duration,
        /// How long the rest will take at the speed of this run; none where there is no total, or nothing is done yet.
        left: Option<Duration>,
    },
    /// Something that the function of a Rust revision has to say.
    Log {
        /// The id.
        revision: String,
        /// What.
        text: String,
    },
    /// A step is done and recorded.
    Finished {
        /// Which way.
        direction: Direction,
        /// The id.
        revision: String,
        /// One sentence on what it does.
        summary: String,
        /// How long it took, as this side of the connection saw it.
        elapsed: Duration,
    },
}

impl Event {
    pub(crate) fn trace(&self) {
        match self {
            Self::Connected { backend_pid } => tracing::debug!(backend_pid, "connected"),
            Self::Waiting { holder, waited } => {
                let holder = holder.as_ref().map(ToString::to_string).unwrap_or_default();
                tracing::info!(holder, ?waited, "waiting for the migration lock");
            }
            Self::Blocked { blockers, waited } => {
                // Without their statements, which may hold what does not belong into a log.
                let blockers: Vec<i32> = blockers.iter().map(|blocker| blocker.pid).collect();
                tracing::warn!(?blockers, ?waited, "blocked");
            }
            Self::Retrying { revision, why, waited } => tracing::warn!(revision, why, ?waited, "trying again"),
            Self::Leftover { revision, index } => tracing::info!(revision, index, "dropping what a build has left"),
            Self::Reconnecting { revision, waited } => tracing::warn!(revision, ?waited, "the connection broke"),
            Self::Ahead { revisions } => {
                tracing::warn!(?revisions, "the database has revisions that this binary does not know");
            }
            Self::Lost { revisions } => {
                tracing::warn!(?revisions, "the files of applied revisions are gone");
            }
            Self::CosmeticEdit { revision, file } => {
                tracing::warn!(revision, file, "comments or white space changed after the upgrade");
            }
            Self::Started { direction, revision, summary, n, of, resumed_after } => {
                tracing::info!(direction = direction.as_str(), revision, summary, n, of, resumed_after, "started");
            }
            Self::StatementDone { revision, n, of } => tracing::debug!(revision, n, of, "statement done"),
            Self::Progress { revision, done, total, elapsed, left } => {
                tracing::info!(revision, done, total, ?elapsed, ?left, "progress");
            }
            Self::Log { revision, text } => tracing::info!(revision, "{text}"),
            Self::Finished { direction, revision, summary, elapsed } => {
                tracing::info!(direction = direction.as_str(), revision, summary, ?elapsed, "finished");
            }
        }
    }
}
