//! Batch after batch, until one finds no row.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Instant;

use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};

use crate::postgres::batches::error::{BatchError, Kind};
use crate::postgres::batches::journal::Journal;
use crate::postgres::batches::pace::Pace;
use crate::postgres::batches::{Job, Total};
use crate::postgres::context::meter::Meter;
use crate::postgres::event::Event;
use crate::postgres::frame::Frame;
use crate::postgres::lock::Backoff;
use crate::postgres::message::{Failed, Message, Part};
use crate::postgres::quote::literal;
use crate::postgres::reading::is_gone;
use crate::postgres::step::{ACTIVE_TRANSACTION, GUARD_RAISED, IN_FAILED_TRANSACTION, Task, is_retried};
use crate::script::Transaction;

/// Batches under way.
#[derive(Debug)]
pub(crate) struct Work<'w> {
    conn: &'w mut PgConnection,
    frame: &'w Frame<'w>,
    task: Task<'w>,
    journal: &'w mut Journal,
    job: &'w Job,
    pace: Pace,
    /// The name of the prepared statement: the server finds the types of its parameters, and our text stays out of it.
    name: String,
    meter: Meter,
    /// Since somebody's locks are in the way; none while nobody's are.
    retrying: Option<Backoff>,
}

/// The keys of a batch.
#[derive(Debug)]
struct Stretch {
    n: u64,
    first: Vec<String>,
    last: Vec<String>,
}

impl<'w> Work<'w> {
    pub(crate) fn new(
        conn: &'w mut PgConnection,
        frame: &'w Frame<'w>,
        task: Task<'w>,
        journal: &'w mut Journal,
        job: &'w Job,
        pace: Pace,
    ) -> Self {
        // Random: a pooler may lend the session to others, and what a failed revision has prepared stays there.
        let name = format!("migrate_batch_{:x}", RandomState::new().build_hasher().finish());
        Self { conn, frame, task, journal, job, pace, name, meter: Meter::default(), retrying: None }
    }

    /// Tells how many rows were done, with those of an earlier run.
    pub(crate) async fn run(mut self) -> Result<u64, Kind> {
        self.prepare().await?;
        self.tell();
        while !self.journal.has_ended() {
            let begun = Instant::now();
            match self.batch().await {
                Ok(0) => break,
                Ok(_) => {
                    self.retrying = None;
                    self.pace.done(begun.elapsed());
                    self.tell();
                    self.rest().await;
                }
                Err(failed) => self.after(failed).await?,
            }
        }
        let forget = format!("DEALLOCATE {}", self.name);
        match Message::default().with(Part::Unlock, &forget).send(self.conn).await {
            Err(failed) if is_gone(&failed.source) => Err(Kind::Lost { source: failed.source }),
            _ => Ok(self.journal.rows()),
        }
    }

    async fn rest(&self) {
        if self.commits() && !self.journal.has_ended() && !self.pace.pause.is_zero() {
            tokio::time::sleep(self.pace.pause).await;
        }
    }

    /// Whether each batch is a commit.
    fn commits(&self) -> bool {
        self.task.action.transaction() == Transaction::None
    }

    /// Prepares the statement and counts the rows, where nobody has counted them yet.
    async fn prepare(&mut self) -> Result<(), Kind> {
        let rows = loop {
            match self.prepare_once().await {
                Ok(rows) => break rows,
                Err(failed) => self.after(failed).await?,
            }
        };
        self.retrying = None;
        let number = |n: usize, column: &str| rows.get(n).and_then(|row| row.try_get::<i64, _>(column).ok());
        let expected = self.job.walk.as_ref().map_or(1, |walk| 2 * walk.n_keys());
        let found = number(0, "n").and_then(|n| usize::try_from(n).ok()).unwrap_or(expected);
        if found != expected {
            return Err(Kind::Parameters { expected, found });
        }
        self.journal.total = match &self.job.total {
            Total::Unknown => None,
            Total::Rows(rows) => Some(*rows),
            // What an estimate says of a table that it has never looked at is less than nothing.
            Total::Of(_) => self.journal.total.or_else(|| number(1, "total").and_then(|total| total.try_into().ok())),
        };
        Ok(())
    }

    async fn prepare_once(&mut self) -> Result<Vec<PgRow>, Failed> {
        let prepare = format!("PREPARE {} AS\n{}", self.name, self.job.statement);
        let parameters = format!(
            "SELECT pg_catalog.cardinality(s.parameter_types)::pg_catalog.int8 AS n FROM \
             pg_catalog.pg_prepared_statements AS s WHERE s.name OPERATOR(pg_catalog.=) {}",
            literal(&self.name)
        );
        let message = self.frame.begin_batch(self.task).with(Part::Statement(0), &prepare);
        let mut message = message.with(Part::Read, &parameters);
        if let (Total::Of(query), None) = (&self.job.total, self.journal.total) {
            let query = query.trim_end().trim_end_matches(';');
            message.push(Part::Read, &format!("SELECT (\n{query}\n)::pg_catalog.int8 AS total"));
        }
        self.frame.end_preparing(message, self.task).send(self.conn).await
    }

    /// Does one batch and tells how many rows it had.
    async fn batch(&mut self) -> Result<u64, Failed> {
        let (frame, size) = (self.frame, self.pace.size());
        let message = frame.begin_batch(self.task);
        let (n, cursor, message) = match &self.job.walk {
            None => {
                let message = message.with(Part::Statement(0), &format!("EXECUTE {} ({size})", self.name));
                let (_, n) = message.exchange(self.conn).await?;
                (n, Vec::new(), Message::default())
            }
            Some(walk) => {
                let next = walk.next(&self.journal.cursor, size);
                let rows = message.with(Part::Read, &next).send(self.conn).await?;
                let Stretch { n, first, last } = Stretch::read(&rows)?;
                let keys: Vec<String> = first.iter().chain(&last).map(|key| literal(key)).collect();
                let execute = format!("EXECUTE {} ({})", self.name, keys.join(", "));
                (n, last, Message::default().with(Part::Statement(0), &execute))
            }
        };
        // A walk is over with a batch that is not full: the keys that others add meanwhile could keep it going for ever. What
        // limits itself may have fewer rows than it finds, as somebody else has changed them.
        let (message, after) = match n {
            0 => (Message::default(), self.journal.after(0, self.journal.cursor.clone()).ended()),
            n if n < size && self.job.walk.is_some() => (message, self.journal.after(n, cursor).ended()),
            n => (message, self.journal.after(n, cursor)),
        };
        let message = frame.end_batch(message, self.task, self.journal, &after);
        if !message.is_empty() {
            message.send(self.conn).await?;
        }
        *self.journal = after;
        Ok(n)
    }

    /// What a failure means: a batch with its own transaction is rolled back, and tried again after a pause where another
    /// session's locks were in the way.
    async fn after(&mut self, failed: Failed) -> Result<(), Kind> {
        let rows = self.journal.rows();
        if is_gone(&failed.source) {
            return Err(Kind::Lost { source: failed.source });
        }
        if !self.commits() {
            return Err(Kind::Said { rows, source: failed.source });
        }
        match Message::default().with(Part::Commit, "ROLLBACK").send(self.conn).await {
            Err(failed) if is_gone(&failed.source) => return Err(Kind::Lost { source: failed.source }),
            _ => {}
        }
        match (failed.part, failed.code()) {
            (Part::Held, Some(GUARD_RAISED)) => return Err(Kind::LockLost),
            (Part::Open, Some(GUARD_RAISED | ACTIVE_TRANSACTION | IN_FAILED_TRANSACTION)) => {
                return Err(Kind::TransactionOpen);
            }
            (Part::Record, Some(GUARD_RAISED)) => return Err(Kind::Moved),
            (part, Some(code)) if is_retried(code) && part != Part::Commit => {}
            _ => return Err(Kind::Said { rows, source: failed.source }),
        }
        let kind = Kind::Said { rows, source: failed.source };
        let options = self.frame.options;
        let retrying = self.retrying.get_or_insert_with(|| Backoff::new(options.retry_timeout));
        let waited = retrying.waited();
        let Some(pause) = retrying.next() else { return Err(kind) };
        let why = BatchError { location: None, kind }.to_string();
        options.tell(&Event::Retrying { revision: self.task.migration.id().to_owned(), why, waited });
        self.pace.locked_out();
        tokio::time::sleep(pause).await;
        Ok(())
    }

    fn tell(&mut self) {
        let (done, total) = (self.journal.rows(), self.journal.total);
        let (elapsed, left) = self.meter.read(Instant::now(), done, total);
        let revision = self.task.migration.id().to_owned();
        self.frame.options.tell(&Event::Progress { revision, done, total, elapsed, left });
    }
}

impl Stretch {
    fn read(rows: &[PgRow]) -> Result<Self, Failed> {
        let unread = |source| Failed { part: Part::Read, offset: None, source, rows: Vec::new() };
        let Some(row) = rows.first() else { return Err(unread(sqlx::Error::RowNotFound)) };
        let keys = |column| row.try_get::<Option<Vec<String>>, _>(column).map(Option::unwrap_or_default);
        Ok(Self {
            n: row.try_get::<i64, _>("n").map_err(unread)?.unsigned_abs(),
            first: keys("first").map_err(unread)?,
            last: keys("last").map_err(unread)?,
        })
    }
}
