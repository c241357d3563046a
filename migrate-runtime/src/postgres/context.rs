//! What a Rust revision runs with.

pub(crate) mod error;
pub(crate) mod meter;

use std::error::Error;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::time::Instant;

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use self::error::{ExecuteError, OfflineError};
use self::meter::Meter;
use crate::postgres::batches::Batches;
use crate::postgres::batches::error::BatchError;
use crate::postgres::batches::journal::Journal;
use crate::postgres::batches::walk::Walk;
use crate::postgres::event::Event;
use crate::postgres::frame::Frame;
use crate::postgres::step::Task;
use crate::script::Transaction;

/// Any error.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What a revision's function returns: any error can be raised with `?`, the executor adds which revision it came from.
pub type Result<T, E = BoxError> = std::result::Result<T, E>;

/// A boxed future that borrows the context it was given.
pub type RevisionFuture<'c> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'c>>;

/// A revision's function as the generated table holds it.
pub type RustFn = for<'c, 'conn> fn(&'c mut Context<'conn>) -> RevisionFuture<'c>;

/// What a running revision works with: the connection, inside its transaction; in offline mode the text under way.
///
/// ```no_run
/// use migrate_runtime::{Context, Result};
///
/// pub async fn up(cx: &mut Context<'_>) -> Result<()> {
///     cx.execute("ALTER TABLE users ADD COLUMN display_name text").await?;
///     sqlx::query("UPDATE users SET display_name = email").execute(cx.conn()?).await?;
///     Ok(())
/// }
/// ```
///
/// # Without a transaction
///
/// With `transaction: none` in its header a revision's function is called without a transaction, and what it does stays
/// done. When it was cut off, because its process was killed or the connection broke, the function is **called again from
/// its start**. [`batches`](Self::batches) go on where they were; everything else in it must be repeatable: `ADD COLUMN IF
/// NOT EXISTS`, `CREATE INDEX CONCURRENTLY IF NOT EXISTS`, an `UPDATE` that finds nothing to do the second time.
///
/// A connection that breaks during a batch is known to have done it or not, by the record: the same run connects again and
/// calls the function again. When it breaks anywhere else the run ends with the error, as what was under way only the
/// author of the function knows; the next run calls it again.
///
/// ```no_run
/// //! fill display names
/// //!
/// //! parent: 20261121133714
/// //! transaction: none
/// # // The header of a revision is its first lines.
///
/// use migrate_runtime::{Context, Result};
///
/// pub async fn up(cx: &mut Context<'_>) -> Result<()> {
///     cx.execute("ALTER TABLE users ADD COLUMN IF NOT EXISTS display_name text").await?;
///     cx.batches_by("users", "id", "UPDATE users SET display_name = email WHERE id BETWEEN $1 AND $2").await?;
///     cx.execute("ALTER TABLE users ALTER COLUMN display_name SET NOT NULL").await
/// }
/// ```
#[derive(Debug)]
pub struct Context<'conn> {
    pub(crate) medium: Medium<'conn>,
    pub(crate) frame: &'conn Frame<'conn>,
    pub(crate) task: Task<'conn>,
    pub(crate) caller: Caller,
    /// What is recorded of the function's batches, and how many calls it has made in this run.
    pub(crate) journal: Journal,
    pub(crate) n_calls: usize,
    meter: Meter,
}

#[derive(Debug)]
pub(crate) enum Medium<'conn> {
    Online(&'conn mut PgConnection),
    /// What was executed so far.
    Offline(&'conn mut Vec<String>),
}

/// Whose code has the context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    Function,
    Hook,
}

impl<'conn> Context<'conn> {
    pub(crate) fn new(medium: Medium<'conn>, frame: &'conn Frame<'conn>, task: Task<'conn>, caller: Caller) -> Self {
        let journal = match (caller, task.action.transaction()) {
            (Caller::Function, Transaction::None) => task.batches().cloned().unwrap_or_default(),
            _ => Journal::default(),
        };
        Self { medium, frame, task, caller, journal, n_calls: 0, meter: Meter::default() }
    }

    /// Whether SQL is rendered for somebody else to run, and there is no connection.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        matches!(self.medium, Medium::Offline(_))
    }

    /// The connection, for everything that sqlx can do: `sqlx::query_scalar("…").fetch_one(cx.conn()?)` reads. It is in the
    /// revision's transaction: begin and commit nothing.
    ///
    /// # Errors
    ///
    /// In offline mode, where there is no connection; with the line of this call.
    #[track_caller]
    pub fn conn(&mut self) -> Result<&mut PgConnection> {
        match &mut self.medium {
            Medium::Online(conn) => Ok(conn),
            Medium::Offline(_) => {
                Err(OfflineError { location: Location::caller(), act: "asks for the connection" }.into())
            }
        }
    }

    /// Runs SQL text, of one statement or several, without parameters; in offline mode it is rendered. For values use
    /// [`conn`](Self::conn) and bind them.
    ///
    /// # Errors
    ///
    /// What Postgres said, with the line of this call.
    #[track_caller]
    pub fn execute<'c>(&'c mut self, sql: impl Into<String>) -> RevisionFuture<'c> {
        let (sql, location) = (sql.into(), Location::caller());
        Box::pin(async move {
            match &mut self.medium {
                Medium::Online(conn) => match sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **conn).await {
                    Ok(_) => Ok(()),
                    Err(source) => Err(ExecuteError { location, source }.into()),
                },
                Medium::Offline(executed) => {
                    executed.push(sql);
                    Ok(())
                }
            }
        })
    }

    /// Runs a statement again and again until it finds no row: `$1` is how many it may take each time.
    ///
    /// It is for statements that do not find a row again that they have done. Await it, after setting what [`Batches`] has;
    /// what comes of it is the number of rows, with those that an earlier run has done.
    ///
    /// ```no_run
    /// # async fn up(cx: &mut migrate_runtime::Context<'_>) -> migrate_runtime::Result<()> {
    /// cx.batches(
    ///     "UPDATE users SET display_name = email
    ///      WHERE id IN (SELECT id FROM users WHERE display_name IS NULL LIMIT $1)",
    /// )
    /// .total_of("SELECT count(*) FROM users WHERE display_name IS NULL")
    /// .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// `FOR UPDATE SKIP LOCKED` does not belong in there: rows that somebody has locked would be taken for done. A batch
    /// that waits for a lock for too long is tried again.
    #[track_caller]
    pub fn batches<'c>(&'c mut self, statement: impl Into<String>) -> Batches<'c, 'conn> {
        Batches::new(self, statement.into(), None, Location::caller())
    }

    /// Runs a statement for all rows of a table, a range of keys at a time: `$1` is the first key of a batch and `$2` the
    /// last.
    ///
    /// The table is walked in the order of `key`, which has an index and no nulls, as a primary key has. What was done is
    /// known by the last key, so the statement may be any: an `UPDATE`, a `DELETE`, an `INSERT … SELECT` into another table.
    /// Rows that others add meanwhile are not looked for: they are to come as the statement leaves them.
    ///
    /// ```no_run
    /// # async fn up(cx: &mut migrate_runtime::Context<'_>) -> migrate_runtime::Result<()> {
    /// cx.batches_by("users", "id", "UPDATE users SET visits = visits + 1 WHERE id BETWEEN $1 AND $2")
    ///     .total_of("SELECT count(*) FROM users")
    ///     .await?;
    ///
    /// // A key of several columns has as many parameters for each end.
    /// cx.batches_by(
    ///     "shop.orders",
    ///     "tenant, id",
    ///     "INSERT INTO shop.archive SELECT * FROM shop.orders WHERE (tenant, id) >= ($1, $2) AND (tenant, id) <= ($3, $4)",
    /// )
    /// .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn batches_by<'c>(
        &'c mut self,
        table: impl AsRef<str>,
        key: impl AsRef<str>,
        statement: impl Into<String>,
    ) -> Batches<'c, 'conn> {
        let walk = Walk::new(table.as_ref(), key.as_ref());
        Batches::new(self, statement.into(), Some(walk), Location::caller())
    }

    /// Tells how far the function has come, in whatever it counts: [`Event::Progress`], with an estimate of the time that
    /// is left. Batches do so by themselves. Each call is an event, so for many small things once in a while will do.
    ///
    /// ```no_run
    /// # async fn up(cx: &mut migrate_runtime::Context<'_>) -> migrate_runtime::Result<()> {
    /// let files = ["a.csv", "b.csv"];
    /// for (n, file) in files.iter().enumerate() {
    ///     cx.progress(n as u64, files.len() as u64);
    ///     cx.log(format!("loading {file}"));
    ///     // …
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn progress(&mut self, done: u64, total: impl Into<Option<u64>>) {
        let total = total.into();
        let (elapsed, left) = self.meter.read(Instant::now(), done, total);
        let revision = self.task.migration.id().to_owned();
        self.frame.options.tell(&Event::Progress { revision, done, total, elapsed, left });
    }

    /// Says something: [`Event::Log`], which the application's listener and `tracing` get.
    pub fn log(&self, text: impl Into<String>) {
        let revision = self.task.migration.id().to_owned();
        self.frame.options.tell(&Event::Log { revision, text: text.into() });
    }

    /// Refuses a function that has ended without batches which it had begun before it was cut off.
    pub(crate) fn check_calls(&self) -> Result<()> {
        self.journal.leave(self.n_calls).map_err(|kind| BatchError { location: None, kind }.into())
    }
}
