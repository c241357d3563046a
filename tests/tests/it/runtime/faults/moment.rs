//! Where a run is disturbed, and by what.

use migrate_runtime::plan::Direction;
use migrate_tests::{Cut, Database};
use sqlx::PgConnection;

/// One disturbance of one run.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) history: &'static str,
    pub(super) direction: Direction,
    pub(super) runner: Runner,
    pub(super) fault: Fault,
    pub(super) moment: Moment,
}

/// What runs a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Runner {
    /// The library, in the test's own process.
    Here,
    /// The same, with one transaction for the whole run.
    InOneTransaction,
    /// A program that upgrades its own database.
    Program,
    /// `cargo migrate`.
    CommandLine,
}

/// What happens to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The connection is lost, and with it the server.
    Cut,
    /// The connection is lost, and others can be made.
    CutOnce,
    /// The future is dropped.
    Cancel,
    /// The process gets SIGKILL.
    Kill,
    /// The server dies as in a crash, and is started again.
    Crash,
}

/// When it happens; messages are counted from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// The message has not reached the server.
    Before(usize),
    /// It is on its way, or done already.
    Sent(usize),
    /// The server has done what it says, and the client does not know.
    After(usize),
    /// The server is inside the message, in a statement that waits for something.
    Inside(usize, Blocker),
}

impl Moment {
    pub(super) fn cut(&self) -> Cut {
        match self {
            Self::Before(n) | Self::Inside(n, _) => Cut::Message(*n),
            Self::Sent(n) => Cut::Sent(*n),
            Self::After(n) => Cut::Answer(*n),
        }
    }
}

/// What a statement is made to wait for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Blocker {
    /// A lock on a table.
    Lock {
        /// Its name.
        table: String,
        /// The mode of the lock: EXCLUSIVE ones stop a statement before it has done anything, that of a writer stops a
        /// concurrent build of an index half-way.
        mode: &'static str,
    },
    /// An old snapshot: what is concurrent waits for it in the end.
    Snapshot,
}

impl Blocker {
    /// Every way to make a statement wait, in a database with these tables.
    pub(super) fn all(tables: &[String]) -> Vec<Self> {
        let locks = tables.iter().flat_map(|table| {
            ["ACCESS EXCLUSIVE", "ROW EXCLUSIVE"].map(|mode| Self::Lock { table: table.clone(), mode })
        });
        let notes = Self::Lock { table: migrate_tests::VERSION_TABLE.to_owned(), mode: "SHARE" };
        locks.chain([notes, Self::Snapshot]).collect()
    }

    /// Takes what the statement will wait for, `None` where it is not there, or the run has it.
    pub(super) async fn take(&self, database: &Database<'_>) -> Option<PgConnection> {
        let mut conn = database.connect().await;
        let statement = match self {
            Self::Lock { table, mode } => format!("BEGIN; LOCK TABLE {table} IN {mode} MODE NOWAIT"),
            Self::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM log".to_owned(),
        };
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut conn).await.ok().map(|_| conn)
    }
}
