//! One step: what surrounds a revision's script, put together as messages.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};

use crate::context::{Context, ExecuteError};
use crate::error::Error;
use crate::event::Event;
use crate::lock::Lock;
use crate::message::{Failed, Message, Part};
use crate::migration::{Action, Migration, RustScript};
use crate::options::Options;
use crate::plan::Direction;
use crate::quote::literal;
use crate::script::{Script, Transaction};
use crate::statement_error::StatementError;
use crate::version_table::AppliedRevision;

/// The state of a cast that failed: a guard raised (Postgres manual, appendix A).
const GUARD_RAISED: &str = "22P02";
const UNIQUE_VIOLATION: &str = "23505";

/// How long a server may take to say goodbye.
const PATIENCE: Duration = Duration::from_secs(5);

/// Notes the role at the beginning of a transaction, in a setting that ends with it.
const KEEP_ROLE: &str = "pg_catalog.set_config('migrate.role', pg_catalog.current_setting('role'), true)";
/// A script that resets all settings has lost the note; the session's own role is the best guess then.
const RESTORE_ROLE: &str = "SELECT pg_catalog.set_config('role', \
     CASE WHEN pg_catalog.current_setting('migrate.role', true) OPERATOR(pg_catalog.<>) '' \
     THEN pg_catalog.current_setting('migrate.role', true) ELSE 'none' END, true)";

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

/// The connection of a run and what it must know from step to step.
#[derive(Debug)]
pub(crate) struct Session<'run> {
    pub(crate) conn: PgConnection,
    pub(crate) package: &'static str,
    pub(crate) options: &'run Options,
    pub(crate) lock: Lock,
    pub(crate) table_exists: bool,
    /// `search_path` and `role` as the connection began with; a script may set them, and the next must not inherit that.
    pub(crate) inherited: Option<[String; 2]>,
    /// Whether the server has a transaction of ours open, failed or not.
    pub(crate) in_transaction: bool,
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
    /// Ends the connection. After a failure the server is first told to roll back and give the lock free, and answers:
    /// whoever sees the error can rely on that.
    pub(crate) async fn leave(mut self, failed: bool) {
        let goodbye = async {
            if failed {
                let mut message = Message::default();
                if self.in_transaction {
                    message.push(Part::Open, "ROLLBACK");
                }
                let unlock = "SELECT pg_catalog.pg_advisory_unlock_all()";
                // Where the connection is broken the server finds out by itself.
                let _ = message.with(Part::Unlock, unlock).send(&mut self.conn).await;
            }
            let _ = self.conn.close().await;
        };
        let _ = tokio::time::timeout(PATIENCE, goodbye).await;
    }

    /// Takes one step. After an error the connection may be in any state and must not be used again; after
    /// [`Outcome::Busy`] and [`Outcome::Moved`] it is inside a failed transaction.
    pub(crate) async fn take(&mut self, task: Task<'_>) -> Result<Outcome, Error> {
        let begun = Instant::now();
        let taken = match (task.action.transaction(), task.action) {
            (_, Action::Uncompiled { file }) => {
                return Err(Error::Uncompiled { revision: task.migration.id().to_owned(), file: (*file).to_owned() });
            }
            (Transaction::PerRevision, Action::Sql(script)) => self.sql_in_transaction(task, script).await,
            (Transaction::PerRevision, Action::Rust(script)) => self.rust_in_transaction(task, script).await,
            (Transaction::None, _) => self.without_transaction(task).await,
        };
        match taken {
            Ok(()) => {
                self.table_exists = true;
                Ok(Outcome::Done(begun.elapsed()))
            }
            Err(Stop::Busy) => Ok(Outcome::Busy),
            Err(Stop::Moved) => Ok(Outcome::Moved),
            Err(Stop::Failed(error)) => Err(*error),
        }
    }

    /// Everything in one message: one round trip, one commit.
    async fn sql_in_transaction(&mut self, task: Task<'_>, script: &Script) -> Result<(), Stop> {
        let mut message = self.begin(task);
        for n in 0..script.statements().len() {
            message.push(Part::Statement(n), script.statement(n));
        }
        self.send(task, self.end(message, task)).await
    }

    async fn rust_in_transaction(&mut self, task: Task<'_>, script: &RustScript) -> Result<(), Stop> {
        let message = self.begin(task);
        self.send(task, message).await?;
        self.call(task, script).await?;
        self.send(task, self.end(Message::default(), task)).await
    }

    /// Statement by statement, each committed and recorded; an interrupted run is taken up where it stopped.
    async fn without_transaction(&mut self, task: Task<'_>) -> Result<(), Stop> {
        let message = self.begin(task).with(Part::Commit, "COMMIT");
        self.send(task, message).await?;
        match task.action {
            Action::Sql(script) => {
                let of = script.statements().len();
                for n in task.n_done()..of {
                    let statement = Message::default().with(Part::Statement(n), script.statement(n));
                    self.send(task, statement).await?;
                    let progress = self.progress(task, script, n + 1);
                    self.send(task, Message::default().with(Part::Record, &progress)).await?;
                    let revision = task.migration.id().to_owned();
                    self.options.tell(&Event::StatementDone { revision, n: n + 1, of });
                }
            }
            Action::Rust(script) => self.call(task, script).await?,
            Action::Uncompiled { .. } => {}
        }
        let (table, id) = (&self.options.version_table, task.migration.id());
        let finish = match task.direction {
            Direction::Up => table.finish_without_transaction(self.package, task.migration),
            Direction::Down => table.delete(self.package, id, false),
        };
        let message = Message::default().with(Part::Finish, &finish).with(Part::Unlock, &self.lock.unlock_session());
        self.send(task, message).await
    }

    /// Opens the transaction, takes the lock, checks that the step may still be taken, and notes that it begins.
    fn begin(&self, task: Task<'_>) -> Message {
        let (table, package, id) = (&self.options.version_table, self.package, task.migration.id());
        let for_transaction = task.action.transaction() == Transaction::PerRevision;
        // READ COMMITTED, so that what follows the lock sees what its last holder committed, whatever the role's default.
        let mut message = Message::default().with(Part::Open, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
        message.push(Part::Open, &self.settings(for_transaction));
        if self.inherited.is_none() {
            message.push(
                Part::Read,
                "SELECT pg_catalog.current_setting('search_path') AS search_path, pg_catalog.current_setting('role') AS role",
            );
        }
        let lock = if for_transaction { self.lock.for_transaction() } else { self.lock.for_session() };
        message.push(Part::Lock, &lock);
        match task.direction {
            Direction::Up => {
                if !self.table_exists {
                    message.push(Part::CreateTable, &table.create());
                }
                if let Some(parents) = table.parents_applied(package, task.migration) {
                    message.push(Part::Precondition, &parents);
                }
                match task.row {
                    None => message.push(Part::Record, &table.insert(package, task.migration)),
                    Some(row) => {
                        message.push(Part::Precondition, &table.unfinished_at(package, id, row.statements_done));
                    }
                }
            }
            Direction::Down => {
                let n_done = task.row.and_then(|row| row.down_statements_done);
                message.push(Part::Precondition, &table.begin_down(package, id, n_done));
            }
        }
        message
    }

    /// What every transaction of ours sets, and, from the second step on, what the script before may have changed.
    ///
    /// A role's `statement_timeout` is meant for its queries and would cut a revision short. The interval lets the server
    /// notice that a killed client is gone instead of running on and committing; it is known from 14 on, and only Linux
    /// can do it (Postgres manual, 20.3.2).
    fn settings(&self, local: bool) -> String {
        let set =
            |name: &str, value: &str| format!("pg_catalog.set_config({}, {}, {local})", literal(name), literal(value));
        let mut settings = vec![set("statement_timeout", "0"), set("default_transaction_read_only", "off")];
        if let Some([search_path, role]) = &self.inherited {
            settings.extend([set("search_path", search_path), set("role", role)]);
        }
        format!(
            "SELECT {}, {KEEP_ROLE}, CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 \
             OPERATOR(pg_catalog.>=) 140000 AND pg_catalog.version() OPERATOR(pg_catalog.~~) '%linux%' THEN {} END",
            settings.join(", "),
            set("client_connection_check_interval", "1s")
        )
    }

    /// Records the step and ends the transaction, as the role that began it: a script may have set another, which need
    /// not be allowed to write the version table.
    fn end(&self, message: Message, task: Task<'_>) -> Message {
        let (table, id) = (&self.options.version_table, task.migration.id());
        let finish = match task.direction {
            Direction::Up => table.finish(self.package, id),
            Direction::Down => table.delete(self.package, id, true),
        };
        message.with(Part::Finish, RESTORE_ROLE).with(Part::Finish, &finish).with(Part::Commit, "COMMIT")
    }

    fn progress(&self, task: Task<'_>, script: &Script, n_done: usize) -> String {
        let (table, id) = (&self.options.version_table, task.migration.id());
        match task.direction {
            Direction::Up => table.progress(self.package, id, n_done, script.prefix_checksum(n_done)),
            Direction::Down => table.down_progress(self.package, id, n_done),
        }
    }

    async fn call(&mut self, task: Task<'_>, script: &RustScript) -> Result<(), Stop> {
        (script.function)(&mut Context::new(&mut self.conn)).await.map_err(|source| {
            let line = source.downcast_ref::<ExecuteError>().map(|error| error.location.line());
            let revision = task.migration.id().to_owned();
            Stop::Failed(Box::new(Error::Rust { revision, file: script.file.to_owned(), line, source }))
        })
    }

    async fn send(&mut self, task: Task<'_>, message: Message) -> Result<(), Stop> {
        let (opens, commits) = (message.has(Part::Open), message.has(Part::Commit));
        self.in_transaction |= opens;
        let rows = message.send(&mut self.conn).await.map_err(|failed| task.stop(failed))?;
        self.in_transaction &= !commits;
        if let Some(row) = rows.first() {
            // The columns are ours, and text.
            let setting = |name: &str| row.try_get(name).unwrap_or_default();
            self.inherited = Some([setting("search_path"), setting("role")]);
        }
        Ok(())
    }
}

/// Why a step was not taken.
#[derive(Debug)]
enum Stop {
    Busy,
    Moved,
    Failed(Box<Error>),
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
            (Part::Lock, Some(GUARD_RAISED)) => return Stop::Busy,
            (Part::Precondition, Some(GUARD_RAISED)) | (Part::Record, Some(UNIQUE_VIOLATION)) => return Stop::Moved,
            (Part::Finish, Some(GUARD_RAISED)) => Error::TransactionEnded { revision, file },
            (Part::Statement(n), _) => match self.action {
                Action::Sql(script) => {
                    let mut error = StatementError::new(&revision, script, n, failed.offset, failed.source);
                    error.n_done = (script.runs_in() == Transaction::None).then_some(n);
                    Error::Statement(Box::new(error))
                }
                _ => Error::Record { revision, act: "run", source: failed.source },
            },
            (part, _) => {
                let act = match part {
                    Part::Open | Part::Read => "open the transaction of",
                    Part::Lock => "take the lock for",
                    Part::CreateTable => "make the version table for",
                    Part::Precondition => "check what precedes",
                    Part::Commit => "commit",
                    Part::Unlock => "give back the lock after",
                    Part::Record | Part::Finish | Part::Statement(_) => "record",
                };
                Error::Record { revision, act, source: failed.source }
            }
        };
        Stop::Failed(Box::new(error))
    }
}
