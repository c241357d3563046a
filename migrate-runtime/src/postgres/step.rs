//! One step: what surrounds a revision's script, put together as messages.

use std::time::{Duration, Instant};

use sqlx::Row as _;

use crate::migration::{Action, Migration, RustScript};
use crate::plan::Direction;
use crate::postgres::concurrent_index;
use crate::postgres::context::{Context, line_of};
use crate::postgres::error::Error;
use crate::postgres::event::Event;
use crate::postgres::message::{Failed, Message, Part};
use crate::postgres::session::Session;
use crate::postgres::statement_error::StatementError;
use crate::postgres::version_table::AppliedRevision;
use crate::script::{Script, Transaction};

/// The state of a cast that failed: a guard raised (Postgres manual, appendix A).
pub(crate) const GUARD_RAISED: &str = "22P02";
const UNIQUE_VIOLATION: &str = "23505";
/// What `BEGIN` with an isolation level says inside a transaction in which something was read.
const ACTIVE_TRANSACTION: &str = "25001";
const IN_FAILED_TRANSACTION: &str = "25P02";

/// What came of trying a step.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is done and recorded.
    Done(Duration),
    /// Somebody else holds the lock; nothing happened.
    Busy,
    /// Somebody else changed the version table since it was read; nothing happened.
    Moved,
}

/// A step to take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task<'t> {
    pub(crate) direction: Direction,
    pub(crate) migration: &'static Migration,
    pub(crate) action: &'static Action,
    /// The row, when there is one.
    pub(crate) row: Option<&'t AppliedRevision>,
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
            Err(Stop::Failed(error)) => Err(*error),
        }
    }

    /// Everything in one message: one round trip, one commit.
    async fn sql_in_transaction(&mut self, task: Task<'_>, script: &Script) -> Result<(), Stop> {
        let mut message = self.frame.begin(task);
        for n in 0..script.statements().len() {
            message.push(Part::Statement(n), script.statement(n));
        }
        self.say(task, self.frame.end(message, task)).await
    }

    async fn rust_in_transaction(&mut self, task: Task<'_>, script: &RustScript) -> Result<(), Stop> {
        self.say(task, self.frame.begin(task)).await?;
        call(task, script, &mut Context::new(&mut self.conn)).await?;
        self.say(task, self.frame.end(Message::default(), task)).await
    }

    /// Statement by statement, each committed and recorded; an interrupted run is taken up where it stopped.
    async fn without_transaction(&mut self, task: Task<'_>) -> Result<(), Stop> {
        self.say(task, self.frame.begin(task).with(Part::Commit, "COMMIT")).await?;
        match task.action {
            Action::Sql(script) => self.statements(task, script).await?,
            Action::Rust(script) => call(task, script, &mut Context::new(&mut self.conn)).await?,
            Action::Uncompiled(_) => {}
        }
        self.say(task, self.frame.finish(task)).await
    }

    async fn statements(&mut self, task: Task<'_>, script: &Script) -> Result<(), Stop> {
        let (of, n_done) = (script.statements().len(), task.n_done());
        // What earlier statements have set went with the session that was cut off.
        for n in (0..n_done).filter(|n| is_setting(script.statement(*n))) {
            self.say(task, Message::default().with(Part::Statement(n), script.statement(n))).await?;
        }
        for n in n_done..of {
            self.say(task, Message::default().with(Part::Statement(n), script.statement(n))).await?;
            self.check_index(task, script.statement(n)).await?;
            if n + 1 < of {
                self.say(task, self.frame.progress(task, script, n + 1)).await?;
            }
            self.frame.options.tell(&Event::StatementDone { revision: task.migration.id().to_owned(), n: n + 1, of });
        }
        Ok(())
    }

    /// Refuses to record an index that an earlier attempt has left behind invalid.
    async fn check_index(&mut self, task: Task<'_>, statement: &str) -> Result<(), Stop> {
        let Some(name) = concurrent_index::name(statement) else { return Ok(()) };
        let rows = self.ask(&concurrent_index::invalid(&name)).await.map_err(|failed| task.stop(failed))?;
        match rows.first().and_then(|row| row.try_get("index").ok()) {
            None => Ok(()),
            Some(index) => {
                let (revision, file) = (task.migration.id().to_owned(), task.action.file().to_owned());
                Err(Stop::Failed(Box::new(Error::InvalidIndex { revision, file, index })))
            }
        }
    }

    async fn say(&mut self, task: Task<'_>, message: Message) -> Result<(), Stop> {
        self.send(message).await.map_err(|failed| task.stop(failed))
    }
}

/// Calls a Rust revision's function.
pub(crate) async fn call(task: Task<'_>, script: &RustScript, context: &mut Context<'_>) -> Result<(), Error> {
    (script.function)(context).await.map_err(|source| {
        let line = line_of(&*source);
        Error::Rust { revision: task.migration.id().to_owned(), file: script.file.to_owned(), line, source }
    })
}

/// Whether a statement sets something for the session that the statements after it may rely on.
fn is_setting(statement: &str) -> bool {
    let mut words = statement.split_whitespace().map(str::to_ascii_uppercase);
    match words.next().as_deref() {
        Some("SET") => words.next().as_deref() != Some("LOCAL"),
        Some("RESET") => true,
        _ => false,
    }
}

/// Why a step was not taken.
#[derive(Debug)]
enum Stop {
    Busy,
    Moved,
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

    fn stop(&self, failed: Failed) -> Stop {
        let revision = self.migration.id().to_owned();
        let file = self.action.file().to_owned();
        let error = match (failed.part, failed.code()) {
            (_, None) => Error::Disconnected { revision, source: failed.source },
            (Part::Lock, Some(GUARD_RAISED)) => return Stop::Busy,
            (Part::Precondition, Some(GUARD_RAISED)) | (Part::Record, Some(UNIQUE_VIOLATION)) => return Stop::Moved,
            (Part::Open, Some(GUARD_RAISED | ACTIVE_TRANSACTION)) => Error::TransactionOpen { revision, file },
            (Part::Finish, Some(IN_FAILED_TRANSACTION)) => Error::IgnoredError { revision, file },
            (Part::Finish, Some(GUARD_RAISED)) => Error::TransactionEnded { revision, file },
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
                    Part::Lock => "take the lock for",
                    Part::CreateTable => "make the version table for",
                    Part::Precondition => "check what precedes",
                    Part::Commit => "commit",
                    Part::Unlock => "give back the lock after",
                    Part::Record | Part::Finish | Part::Statement(_) => "record",
                };
                Error::Record { revision, file, act, source: failed.source }
            }
        };
        Stop::Failed(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::is_setting;

    #[test]
    fn settings_of_the_session_are_told_from_other_statements() {
        for (statement, expected) in [
            ("SET search_path = s", true),
            ("set\n\trole r", true),
            ("RESET ALL", true),
            ("SET LOCAL x = 1", false),
            ("CREATE INDEX i ON t (a)", false),
            ("SETTING", false),
        ] {
            assert_eq!(is_setting(statement), expected, "{statement}");
        }
    }
}
