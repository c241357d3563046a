//! A statement over a table of any size, in batches: each small enough to be in nobody's way.

pub(crate) mod error;
pub(crate) mod journal;
mod message;
mod pace;
pub(crate) mod walk;
mod work;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::ops::RangeInclusive;
use std::panic::Location;
use std::pin::Pin;
use std::time::Duration;

use self::error::{BatchError, Kind};
use self::journal::Entry;
use self::pace::Pace;
use self::walk::Walk;
use self::work::Work;
use crate::checksum::Checksum;
use crate::postgres::context::error::OfflineError;
use crate::postgres::context::{Caller, Context, Medium, Result};
use crate::script::Transaction;

/// Batches that run when they are awaited: [`Context::batches`], [`Context::batches_by`].
///
/// In a revision with `transaction: none` each batch is a commit of its own, which also records in the revision's row how
/// far it came: a run that was cut off goes on after the last batch, and does none twice. A batch checks that the migration
/// lock is held, waits for other sessions' locks as long as the revision's `lock-timeout` says, and is tried again for
/// [`Options::retry_timeout`](crate::Options::retry_timeout), with half the rows each time. A function may work in batches
/// several times; they are known by their order and their statements, and where a function that was cut off calls other
/// ones it is refused.
///
/// In a revision with a transaction all batches are part of that: then they only tell the progress.
///
/// # Errors
///
/// What Postgres said, with the line of the call; in offline mode, that there is no connection.
#[must_use = "batches run when they are awaited"]
pub struct Batches<'c, 'conn> {
    context: &'c mut Context<'conn>,
    location: &'static Location<'static>,
    job: Job,
    pace: Pace,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    statement: String,
    /// The walk that gives the statement its keys; none where it limits itself.
    walk: Option<Walk>,
    total: Total,
}

/// How many rows there are.
#[derive(Clone, Debug)]
enum Total {
    Unknown,
    Rows(u64),
    /// What a query answers.
    Of(String),
}

impl<'c, 'conn> Batches<'c, 'conn> {
    pub(crate) fn new(
        context: &'c mut Context<'conn>,
        statement: String,
        walk: Option<Walk>,
        location: &'static Location<'static>,
    ) -> Self {
        let statement = statement.trim_end().trim_end_matches(';').to_owned();
        Self { context, location, job: Job { statement, walk, total: Total::Unknown }, pace: Pace::default() }
    }

    /// How long a batch shall take, 1 second by default. The first has 1,000 rows; each one after it has as many as would
    /// have taken that long, at most twice or half as many as the one before.
    pub fn target(mut self, time: Duration) -> Self {
        self.pace.target = time;
        self
    }

    /// How few rows a batch may have, and how many: `100..=100_000` by default.
    pub fn sizes(mut self, rows: RangeInclusive<u64>) -> Self {
        self.pace = self.pace.within(rows);
        self
    }

    /// How long to rest after each batch, so that replicas and vacuum keep up; not at all by default, and never inside a
    /// revision's transaction.
    pub fn pause(mut self, time: Duration) -> Self {
        self.pace.pause = time;
        self
    }

    /// How many rows there are, for the progress.
    pub fn total(mut self, rows: u64) -> Self {
        self.job.total = Total::Rows(rows);
        self
    }

    /// A query that tells how many rows there are to do, for the progress. It is asked before the first batch and never
    /// again, and may be an estimate: `SELECT reltuples FROM pg_class WHERE oid = 'users'::regclass` costs nothing.
    pub fn total_of(mut self, query: impl Into<String>) -> Self {
        self.job.total = Total::Of(query.into());
        self
    }

    async fn run(self) -> Result<u64> {
        let Self { context, location, job, pace } = self;
        let Medium::Online(conn) = &mut context.medium else {
            return Err(OfflineError { location, act: "works in batches on the connection" }.into());
        };
        let at = |kind| BatchError { location: Some(location), kind };
        if context.caller == Caller::Hook && context.task.action.transaction() == Transaction::None {
            return Err(at(Kind::InHook).into());
        }
        let n = context.n_calls;
        context.n_calls += 1;
        match context.journal.enter(n, job.digest()).map_err(at)? {
            Entry::Ended(rows) => Ok(rows),
            Entry::Open => {
                let work = Work::new(conn, context.frame, context.task, &mut context.journal, &job, pace);
                Ok(work.run().await.map_err(at)?)
            }
        }
    }
}

impl Job {
    /// What the batches are known by when they go on. How large they are may change meanwhile.
    fn digest(&self) -> String {
        let walk = self.walk.iter().flat_map(Walk::tokens);
        Checksum::of_tokens([self.statement.as_str()].into_iter().chain(walk)).to_string()
    }
}

impl<'c> IntoFuture for Batches<'c, '_> {
    type Output = Result<u64>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<u64>> + Send + 'c>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for Batches<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches").field("job", &self.job).field("pace", &self.pace).finish_non_exhaustive()
    }
}
