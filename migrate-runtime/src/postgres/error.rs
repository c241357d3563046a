//! Why a run failed.

use std::time::Duration;

use crate::graph::GraphError;
use crate::plan::PlanError;
use crate::postgres::context::BoxError;
use crate::postgres::hook::When;
use crate::postgres::lock::Holder;
use crate::postgres::message::said;
use crate::postgres::statement_error::StatementError;
use crate::postgres::watching::Blocker;

/// Why an upgrade, a downgrade or a look at the database failed. Each variant says which revision and which act.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database could not be reached, or turned this role away.
    #[error("could not connect to the database: {}", said(source))]
    Connect {
        /// What the driver reported.
        source: sqlx::Error,
    },
    /// The version table could not be read.
    #[error("could not read the version table {table}: {}", said(source))]
    Read {
        /// Its name, quoted.
        table: String,
        /// What the driver reported.
        source: sqlx::Error,
    },
    /// A newer release changed the layout of the version table.
    #[error("the version table {table} has format {format}, and this release reads up to {known}; use a newer release")]
    NewerFormat {
        /// Its name, quoted.
        table: String,
        /// The format it has.
        format: i32,
        /// The newest format this release knows.
        known: i32,
    },
    /// The table was not made by the build, which checks it.
    #[error("the revisions are not a valid history: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Table(Vec<GraphError>),
    /// The target cannot be reached.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A SQL statement of a revision failed.
    #[error(transparent)]
    Statement(Box<StatementError>),
    /// A Rust revision returned an error.
    #[error("revision {revision} failed at {file}{}: {}", line.map(|line| format!(":{line}")).unwrap_or_default(), told(&**source))]
    Rust {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
        /// The line of the call that failed, where it is known.
        line: Option<u32>,
        /// What it returned.
        source: BoxError,
    },
    /// A Rust revision that is not compiled in is due.
    #[error("revision {revision} ({file}) is Rust, and only the binary it is compiled into can run it")]
    Uncompiled {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
    },
    /// The version table could not be written, or the transaction not opened or committed.
    #[error("could not {act} revision {revision} ({file}): {}", said(source))]
    Record {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
        /// What was under way.
        act: &'static str,
        /// What the driver reported.
        source: sqlx::Error,
    },
    /// Locks of others were in the way for as long as it was tried.
    #[error("{source}\n  tried again for {} s{}", tried.as_secs(), in_the_way(blockers))]
    LockedOut {
        /// The id.
        revision: String,
        /// For how long it was tried.
        tried: Duration,
        /// The sessions that were seen in the way last, as far as they were seen.
        blockers: Vec<Blocker>,
        /// The error of the last try.
        source: Box<Error>,
    },
    /// The connection broke, and with it the knowledge of what the server did last.
    #[error(
        "the connection broke during revision {revision}: {source}; run it again: what is recorded is done, and nothing else"
    )]
    Disconnected {
        /// The id.
        revision: String,
        /// What the driver reported.
        source: sqlx::Error,
    },
    /// A Rust revision went on after a statement of its had failed.
    #[error(
        "revision {revision} ({file}) went on after a statement had failed, and Postgres refuses the rest of its \
         transaction; return that error, or try the statement inside a savepoint"
    )]
    IgnoredError {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
    },
    /// A revision without a transaction began one of its own and left it open.
    #[error(
        "revision {revision} ({file}) left a transaction open, and what it did in there is rolled back; commit it before \
         the function returns"
    )]
    TransactionOpen {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
    },
    /// A concurrent build left its index invalid, in this run or in an earlier one.
    #[error(
        "revision {revision} ({file}) stops: the index {index} is invalid, as an interrupted or failed build leaves it"
    )]
    InvalidIndex {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
        /// The index, as SQL names it.
        index: String,
    },
    /// A script ended the transaction that it ran in.
    #[error(
        "revision {revision} ({file}) ended its own transaction: what it committed stays, and the rest was not run; \
         take the transaction control out"
    )]
    TransactionEnded {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
    },
    /// Somebody else held the lock for too long.
    #[error("could not get the migration lock in {}s{}", limit.as_secs_f64(), holder.as_ref().map(|holder| format!(": {holder} holds it")).unwrap_or_default())]
    LockTimeout {
        /// How long it was tried.
        limit: Duration,
        /// Who held it last.
        holder: Option<Holder>,
    },
    /// An applied revision's file has other SQL than what was applied.
    #[error(
        "revision {revision} ({file}) was edited after it was applied: {current} now, {recorded} when it was applied"
    )]
    Edited {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
        /// The first digits of the digest in the version table.
        recorded: String,
        /// The first digits of the digest of the file.
        current: String,
    },
    /// The statements of an unfinished revision that are done already have changed.
    #[error(
        "revision {revision} ({file}) was cut off after {n_done} statements, and those were edited since: it cannot go on \
         from there; restore them, the rest may change"
    )]
    PrefixEdited {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
        /// How many statements are done.
        n_done: usize,
    },
    /// A revision was left unfinished in a way that cannot be resumed.
    #[error("revision {revision} ({file}) is recorded as unfinished: {why}")]
    Unfinished {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
        /// What is in the way, and what to do.
        why: &'static str,
    },
    /// The database has revisions that this binary does not know, and must not run with.
    #[error(
        "the database is at {}, which this binary does not know; a newer release migrated it: deploy that release, or \
         downgrade with it first", revisions.join(", ")
    )]
    Ahead {
        /// The ids.
        revisions: Vec<String>,
    },
    /// The database and this binary have revisions that the other lacks.
    #[error(
        "two histories: the database has {}, which is not in the files, and lacks {}; bring the missing files here, or \
         downgrade with the release that has them", unknown.join(", "), pending.join(", ")
    )]
    Diverged {
        /// The ids that only the database has.
        unknown: Vec<String>,
        /// The ids that only this binary has.
        pending: Vec<String>,
    },
    /// The same history is applied already, under the name of another package.
    #[error(
        "nothing is applied for the package `{package}`, and the same revisions are for `{other}`: the package was renamed, \
         or is called otherwise here, and everything would be applied a second time"
    )]
    OtherPackage {
        /// The package of this run.
        package: &'static str,
        /// The package whose rows are there.
        other: String,
        /// The version table, quoted.
        table: String,
    },
    /// A downgrade would pass a revision that nothing undoes.
    #[error("revision {revision} ({file}) cannot be undone: it has no downgrade")]
    Irreversible {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
    },
    /// A downgrade would pass a revision that the files do not have and that nothing stored undoes.
    #[error(
        "revision {revision} is not in the files, and the database has no downgrade for it: it had none, or one in Rust"
    )]
    NothingStored {
        /// The id.
        revision: String,
    },
    /// What a Rust revision executes cannot be told without running it.
    #[error("revision {revision} cannot be rendered: at {file}:{line} it {why}")]
    Unrendered {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What it does there.
        why: &'static str,
    },
    /// Offline mode does not know where a downgrade begins.
    #[error("a downgrade in offline mode needs to know where the database is: a range FROM:TO")]
    NoStart,
    /// A stamp in a database with revisions that the files do not have.
    #[error("the database has {}, which is not in the files: a stamp cannot tell how it stands to them", revisions.join(", "))]
    StampUnknown {
        /// Their ids.
        revisions: Vec<String>,
    },
    /// A revision that was to be accepted is not applied.
    #[error("revision {revision} is not applied, so there is nothing to accept")]
    NotApplied {
        /// The id.
        revision: String,
    },
    /// The version table could not be written.
    #[error("could not write the version table {table}: {}", said(source))]
    Write {
        /// Its name, quoted.
        table: String,
        /// What the driver reported.
        source: sqlx::Error,
    },
    /// A hook of the application's failed; the step was rolled back, unless it has no transaction.
    #[error("the hook {} revision {revision} failed: {source}", if *when == When::Before { "before" } else { "after" })]
    Hook {
        /// The id.
        revision: String,
        /// Before or after the step.
        when: When,
        /// What it returned.
        source: BoxError,
    },
    /// The SQL before or after a run failed.
    #[error("the SQL {} the run failed: {}", if *when == When::Before { "before" } else { "after" }, said(source))]
    SessionSql {
        /// Before the first step or after the last.
        when: When,
        /// What the driver reported.
        source: sqlx::Error,
    },
    /// A revision without a transaction cannot be one of several in a transaction.
    #[error(
        "revision {revision} ({file}) runs without a transaction, and cannot be part of a run in one: take the others \
         first with `Transactions::PerRevision`, the default"
    )]
    NotTogether {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
    },
    /// A run in one transaction holds more locks than the server has room for.
    #[error(
        "the server's table of locks is full at revision {revision}: {}; everything is rolled back. Run it with a \
         transaction for each revision, or in parts, or raise `max_locks_per_transaction` on the server",
        said(source)
    )]
    TooManyLocks {
        /// The id.
        revision: String,
        /// What the driver reported.
        source: sqlx::Error,
    },
    /// The database was not upgraded by somebody else in time.
    #[error("the database is not current after {}s: it lacks {}", limit.as_secs_f64(), pending.join(", "))]
    NotCurrent {
        /// How long it was waited for.
        limit: Duration,
        /// The ids that are not applied, parents first.
        pending: Vec<String>,
    },
    /// A revision without a transaction needs a session of its own, and a pooler in transaction mode gives it none.
    #[error(
        "revision {revision} ({file}) runs without a transaction, and the connection goes through a pooler that lends a \
         session for one transaction only; give a direct URL of the server, or one of a pooler in session mode"
    )]
    Pooler {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
    },
    /// A revision without a transaction, and a pooler in which nothing was free for long enough to see how it lends.
    #[error(
        "revision {revision} ({file}) runs without a transaction, and the connection goes through a pooler that has no \
         session free to show whether it lends them for one transaction only; give a direct URL of the server"
    )]
    PoolerInUse {
        /// The id.
        revision: String,
        /// The path for people.
        file: String,
    },
    /// The server takes no writes. When nothing is pending none are needed, and a run there ends well.
    #[error(
        "revision {revision} is pending, and the server can only be read: it is a standby; upgrade through its primary, \
         or wait for that with `wait_until_current`"
    )]
    ReadOnly {
        /// The first that is to be taken.
        revision: String,
        /// What the server said.
        source: sqlx::Error,
    },
    /// A revision of another package depends on one that is to be undone; nothing was done.
    #[error("{revision} cannot be undone: {dependent}, which is applied, depends on it")]
    DependedOn {
        /// The id.
        revision: String,
        /// The revision that depends on it, with its package.
        dependent: String,
    },
    /// The rows say one thing and the guards of a step another, twice in a row.
    #[error(
        "revision {revision} cannot be taken from here, although the version table has not changed; is a row unfinished?"
    )]
    Stuck {
        /// The id.
        revision: String,
    },
}

/// The message itself: `fn main() -> Result<(), migrate_runtime::Error>` prints it.
impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// Who is in the way, a line each.
fn in_the_way(blockers: &[Blocker]) -> String {
    blockers.iter().map(|blocker| format!("\n  in the way: {blocker}")).collect()
}

/// What a function returned; the driver's own error is told as it is of a script, and not with a line of the server's source.
fn told(source: &(dyn std::error::Error + 'static)) -> String {
    source.downcast_ref().map_or_else(|| source.to_string(), said)
}
