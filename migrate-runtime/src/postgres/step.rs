//! One step: what surrounds a revision's script, put together as messages.

use std::time::{Duration, Instant};

use crate::migration::{Action, Migration, RustScript};
use crate::plan::Direction;
use crate::postgres::batches::error::{self as batches, BatchError, Kind};
use crate::postgres::batches::journal::Journal;
use crate::postgres::context::error::{line_of, sqlx_error};
use crate::postgres::context::{Caller, Context, Medium};
use crate::postgres::error::Error;
use crate::postgres::hook::{Moment, When};
use crate::postgres::message::{Failed, Message, Part, database_error};
use crate::postgres::reading::{CRASH_SHUTDOWN, is_ended, is_gone};
use crate::postgres::session::Session;
use crate::postgres::statement_error::StatementError;
use crate::postgres::version_table::AppliedRevision;
use crate::postgres::watching::Watch;
use crate::script::{Script, Transaction};

/// The state of a cast that failed: a guard raised (Postgres manual, appendix A).
pub(crate) const GUARD_RAISED: &str = "22P02";
const UNIQUE_VIOLATION: &str = "23505";
/// Also said of the table of locks, which all sessions share.
const OUT_OF_MEMORY: &str = "53200";
const LOCK_NOT_AVAILABLE: &str = "55P03";
const DEADLOCK_DETECTED: &str = "40P01";
/// What `BEGIN` with an isolation level says inside a transaction in which something was read.
pub(crate) const ACTIVE_TRANSACTION: &str = "25001";
pub(crate) const IN_FAILED_TRANSACTION: &str = "25P02";
const READ_ONLY: &str = "25006";
/// What a standby says of a transaction that is to write.
const NOT_SUPPORTED: &str = "0A000";

/// What came of trying a step.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is done and recorded.
    Done(Duration),
    /// Somebody else holds the lock; nothing happened.
    Busy,
    /// Somebody else changed the version table since it was read; nothing happened.
    Moved,
    /// Somebody else's locks were in the way for too long, or were taken in another order; it was rolled back.
    Retry(Box<Error>),
    /// The connection broke: it is not known what happened.
    Lost(Box<Error>),
}

/// A step to take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task<'t> {
    pub(crate) direction: Direction,
    pub(crate) migration: &'static Migration,
    pub(crate) action: &'static Action,
    /// The row, when there is one.
    pub(crate) row: Option<&'t AppliedRevision>,
    pub(crate) share: Share,
}

/// The part of a step in the transaction that it is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// It has one of its own.
    Own,
    /// It is the first of several.
    First,
    /// Others come before and after it.
    Between,
    /// It is the last of several.
    Last,
}

impl Share {
    /// That of step `n`, where all up to `last` go together or each has its own.
    pub(crate) const fn of(n: usize, last: usize, together: bool) -> Self {
        match (together, n) {
            (false, _) => Self::Own,
            _ if last == 0 => Self::Own,
            (true, 0) => Self::First,
            (true, n) if n == last => Self::Last,
            (true, _) => Self::Between,
        }
    }

    pub(crate) const fn begins(self) -> bool {
        matches!(self, Self::Own | Self::First)
    }

    pub(crate) const fn commits(self) -> bool {
        matches!(self, Self::Own | Self::Last)
    }
}

impl Session<'_> {
    /// Takes one step. After [`Outcome::Busy`] and [`Outcome::Moved`] the connection is inside a failed transaction.
    pub(crate) async fn take(&mut self, task: Task<'_>) -> Result<Outcome, Error> {
        let begun = Instant::now();
        let taken = match (task.action.transaction(), task.action) {
            (_, Action::Uncompiled(file)) => {
                let (revision, file) = (task.migration.id().to_owned(), file.file().to_owned());
                return Err(Error::Uncompiled { revision, file });
            }
            (Transaction::PerRevision, Action::Sql(script)) => self.sql_in_transaction(task, script).await,
            (Transaction::PerRevision, Action::Rust(script)) => self.rust_in_transaction(task, script).await,
            (Transaction::None, _) => self.without_transaction(task).await,
        };
        match taken {
            Ok(()) => {
                self.frame.table_exists = true;
                Ok(Outcome::Done(begun.elapsed()))
            }
            Err(Stop::Busy) => Ok(Outcome::Busy),
            Err(Stop::Moved) => Ok(Outcome::Moved),
            Err(Stop::Retry(error)) => Ok(Outcome::Retry(error)),
            Err(Stop::Lost(error)) => Ok(Outcome::Lost(error)),
            Err(Stop::Failed(error)) => Err(*error),
        }
    }

    /// Everything in one message: one round trip, one commit.
    async fn sql_in_transaction(&mut self, task: Task<'_>, script: &Script) -> Result<(), Stop> {
        let mut message = self.frame.begin(task);
        if self.frame.options.hook.is_some() {
            self.say(task, message).await?;
            self.hook(task, When::Before).await?;
            message = Message::default();
        }
        for n in 0..script.statements().len() {
            message.push(Part::Statement(n), script.statement(n));
        }
        if self.frame.options.hook.is_some() {
            // A merge revision may have no statement.
            if !script.statements().is_empty() {
                self.say(task, std::mem::take(&mut message)).await?;
            }
            self.hook(task, When::After).await?;
        }
        self.say(task, self.frame.end(message, task)).await
    }

    async fn rust_in_transaction(&mut self, task: Task<'_>, script: &RustScript) -> Result<(), Stop> {
        self.say(task, self.frame.begin(task)).await?;
        self.hook(task, When::Before).await?;
        self.call(task, script).await?;
        self.hook(task, When::After).await?;
        self.say(task, self.frame.end(Message::default(), task)).await
    }

    /// Statement by statement, each committed and recorded; an interrupted run is taken up where it stopped.
    async fn without_transaction(&mut self, task: Task<'_>) -> Result<(), Stop> {
        self.refuse_pooler(task).await?;
        self.say(task, self.frame.begin(task).with(Part::Commit, "COMMIT")).await?;
        self.hook(task, When::Before).await?;
        match task.action {
            Action::Sql(script) => self.statements(task, script).await?,
            Action::Rust(script) => {
                self.call(task, script).await?;
                self.say(task, self.frame.finish(task)).await?;
            }
            Action::Uncompiled(_) => {}
        }
        self.hook(task, When::After).await
    }

    /// Calls the application's hook, if there is one.
    async fn hook(&mut self, task: Task<'_>, when: When) -> Result<(), Stop> {
        let Some(hook) = self.frame.options.hook.clone() else { return Ok(()) };
        let moment = Moment {
            when,
            direction: task.direction,
            revision: task.migration.id().to_owned(),
            summary: task.migration.summary_text().to_owned(),
        };
        let mut context = Context::new(Medium::Online(&mut self.conn), &self.frame, task, Caller::Hook);
        match hook.call(moment, &mut context).await {
            Ok(()) => Ok(()),
            Err(source) => {
                let error = Error::Hook { revision: task.migration.id().to_owned(), when, source };
                Err(self.stop_of(task, error).await)
            }
        }
    }

    /// Calls a Rust revision's function.
    async fn call(&mut self, task: Task<'_>, script: &RustScript) -> Result<(), Stop> {
        let watch =
            Watch { pid: self.backend_pid, database: self.database, options: self.frame.options, seen: &self.blockers };
        let mut context = Context::new(Medium::Online(&mut self.conn), &self.frame, task, Caller::Function);
        match watch.over(call(task, script, &mut context)).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.stop_of(task, error).await),
        }
    }

    /// What an error of the application's code means for its step: locks of others and a broken connection are told as for
    /// a script.
    async fn stop_of(&mut self, task: Task<'_>, error: Error) -> Stop {
        let (Error::Rust { source, .. } | Error::Hook { source, .. }) = &error else { return error.into() };
        let said = sqlx_error(&**source);
        let locked_out = said.and_then(database_error).is_some_and(|said| is_retried(said.code()));
        let seems_lost = said.is_some_and(is_gone);
        // Without a transaction nothing was rolled back, and what a function has done only its author knows: but of a batch
        // the record tells, and all before it was done, and is done again by whoever calls the function next.
        if task.action.transaction() == Transaction::None {
            return match batches::find(&**source) {
                Some(BatchError { kind: Kind::Lost { .. }, .. }) => Stop::Lost(Box::new(disconnected(error))),
                _ => error.into(),
            };
        }
        if locked_out {
            return Stop::Retry(Box::new(error));
        }
        if let Some(said) = said.filter(|said| is_ended(said))
            && self.is_lost(said).await
        {
            return Stop::Lost(Box::new(error));
        }
        // It may be another connection that broke, to another database.
        if seems_lost && self.ask("SELECT 1").await.is_err_and(|failed| is_gone(&failed.source)) {
            return Stop::Lost(Box::new(error));
        }
        error.into()
    }

    pub(crate) async fn say(&mut self, task: Task<'_>, message: Message) -> Result<(), Stop> {
        match self.send(message).await {
            Ok(()) => Ok(()),
            Err(failed) => Err(self.stop(task, failed).await),
        }
    }

    /// Why a step was not taken, with what only a look at the server tells.
    pub(crate) async fn stop(&self, task: Task<'_>, failed: Failed) -> Stop {
        if is_ended(&failed.source) && self.is_lost(&failed.source).await {
            let revision = task.migration.id().to_owned();
            return Stop::Lost(Box::new(Error::Disconnected { revision, source: failed.source }));
        }
        task.stop(failed)
    }
}

/// A connection that broke in a function, told as one that broke in a script.
fn disconnected(error: Error) -> Error {
    let Error::Rust { revision, file, line, source } = error else { return error };
    match source.downcast::<BatchError>().map(|error| error.kind) {
        Ok(Kind::Lost { source }) => Error::Disconnected { revision, source },
        Ok(kind) => Error::Rust { revision, file, line, source: BatchError { location: None, kind }.into() },
        Err(source) => Error::Rust { revision, file, line, source },
    }
}

/// Calls a Rust revision's function.
pub(crate) async fn call(task: Task<'_>, script: &RustScript, context: &mut Context<'_>) -> Result<(), Error> {
    let called = (script.function)(context).await;
    called.and_then(|()| context.check_calls()).map_err(|source| {
        let line = line_of(&*source);
        Error::Rust { revision: task.migration.id().to_owned(), file: script.file.to_owned(), line, source }
    })
}

/// Whether it was another session's locks that were in the way.
pub(crate) fn is_retried(code: &str) -> bool {
    [LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED].contains(&code)
}

/// Why a step was not taken.
#[derive(Debug)]
pub(crate) enum Stop {
    Busy,
    Moved,
    Retry(Box<Error>),
    Lost(Box<Error>),
    Failed(Box<Error>),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(Box::new(error))
    }
}

impl Task<'_> {
    /// How many statements an interrupted run had already done.
    pub(crate) fn n_done(&self) -> usize {
        match (self.direction, self.row) {
            (_, None) => 0,
            (Direction::Up, Some(row)) => row.statements_done,
            (Direction::Down, Some(row)) => row.down_statements_done.unwrap_or(0),
        }
    }

    /// What an interrupted run has recorded of the batches of its function.
    pub(crate) fn batches(&self) -> Option<&Journal> {
        let row = self.row.filter(|row| self.direction == Direction::Up || row.down_statements_done.is_some())?;
        Some(&row.batches)
    }

    pub(crate) fn stop(&self, failed: Failed) -> Stop {
        let revision = self.migration.id().to_owned();
        let file = self.action.file().to_owned();
        let (part, code) = (failed.part, failed.code().map(str::to_owned));
        let error = match (failed.part, failed.code()) {
            (_, None | Some(CRASH_SHUTDOWN)) => {
                return Stop::Lost(Box::new(Error::Disconnected { revision, source: failed.source }));
            }
            (Part::Held, Some(GUARD_RAISED)) => Error::Pooler { revision, file },
            (Part::Lock, Some(GUARD_RAISED)) => return Stop::Busy,
            (Part::Precondition, Some(GUARD_RAISED)) | (Part::Record, Some(UNIQUE_VIOLATION)) => return Stop::Moved,
            (Part::Open, Some(GUARD_RAISED | ACTIVE_TRANSACTION)) => Error::TransactionOpen { revision, file },
            (Part::Finish, Some(IN_FAILED_TRANSACTION)) => Error::IgnoredError { revision, file },
            (Part::Finish, Some(GUARD_RAISED)) => Error::TransactionEnded { revision, file },
            (Part::Open, Some(NOT_SUPPORTED))
            | (Part::CreateTable | Part::Precondition | Part::Record, Some(READ_ONLY)) => {
                Error::ReadOnly { revision, source: failed.source }
            }
            (_, Some(OUT_OF_MEMORY)) if self.share != Share::Own => {
                Error::TooManyLocks { revision, source: failed.source }
            }
            (Part::Statement(n), _) => match self.action {
                Action::Sql(script) => {
                    let error = StatementError::new(self, script, n, failed.offset, failed.source);
                    Error::Statement(Box::new(error))
                }
                _ => Error::Record { revision, file, act: "run", source: failed.source },
            },
            (part, _) => {
                let act = match part {
                    Part::Open | Part::Read => "begin",
                    Part::Lock | Part::Held => "take the lock for",
                    Part::CreateTable => "make the version table for",
                    Part::Precondition => "check what precedes",
                    Part::Commit => "commit",
                    Part::Unlock => "give back the lock after",
                    Part::Record | Part::Finish | Part::Statement(_) => "record",
                };
                Error::Record { revision, file, act, source: failed.source }
            }
        };
        // Before the commit everything was rolled back; a concurrent build that was chosen as a deadlock's victim is looked
        // after when it is tried again.
        match code {
            Some(code) if is_retried(&code) && part != Part::Commit => Stop::Retry(Box::new(error)),
            _ => Stop::Failed(Box::new(error)),
        }
    }
}
