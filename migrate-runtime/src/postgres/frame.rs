//! What surrounds a revision's script: the same statements whether they are sent to a server or printed for one.

use std::time::Duration;

use crate::plan::Direction;
use crate::postgres::alone::Alone;
use crate::postgres::lock::Lock;
use crate::postgres::message::{Message, Part, guard};
use crate::postgres::options::Options;
use crate::postgres::quote::literal;
use crate::postgres::step::Task;
use crate::postgres::version_table::Progress;
use crate::script::{Script, Transaction};

/// READ COMMITTED, so that what follows the lock sees what its last holder committed, whatever the role's default.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// What the session had before the first script: its role, and everything that was set on it after it was opened. The
/// first row is the role. What `BEGIN` itself sets is no setting of the session.
const INHERITED: &str = "SELECT 'role' AS name, pg_catalog.current_setting('role') AS setting \
     UNION ALL SELECT s.name, s.setting FROM pg_catalog.pg_settings AS s \
     WHERE s.source OPERATOR(pg_catalog.=) 'session' AND s.name OPERATOR(pg_catalog.!~~) 'transaction%'";

/// Ours for the length of a transaction, or of a script without one: limits that a role has for its queries would cut a
/// revision short, and a commit that is only promised would be told as done. The first column is the version from which
/// the setting is known; the last, which lets the server notice that a killed client is gone instead of running on and
/// committing, only Linux can do (Postgres manual, 20.3.2 and 20.11.1).
const OURS: &[(u32, &str, &str)] = &[
    (0, "idle_in_transaction_session_timeout", "10min"),
    (0, "default_transaction_read_only", "off"),
    (0, "synchronous_commit", "on"),
    (140_000, "idle_session_timeout", "0"),
    (170_000, "transaction_timeout", "0"),
    (140_000, "client_connection_check_interval", "1s"),
];

/// Whether the executor's transaction surrounds the script, or only its own notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The settings end with the transaction.
    Transaction,
    /// The settings stay for the statements that follow.
    Session,
}

/// How long a statement may take; zero is without limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// To get a lock.
    pub(crate) lock: Duration,
    /// In all.
    pub(crate) statement: Duration,
}

/// What the session had before the first script.
#[derive(Clone, Debug)]
pub(crate) struct Inherited {
    pub(crate) role: String,
    pub(crate) settings: Vec<(String, String)>,
}

/// Where the statements go.
#[derive(Clone, Debug)]
pub(crate) enum Medium {
    /// To a server, whose session was as it says before the first script: nothing where that is not read yet.
    Session(Option<Inherited>),
    /// Into a text that somebody runs later; whether a script has been there already.
    Text {
        /// A script may have set something by now.
        begun: bool,
    },
}

/// Puts together the messages of a run.
#[derive(Debug)]
pub(crate) struct Frame<'run> {
    pub(crate) package: &'static str,
    pub(crate) options: &'run Options,
    pub(crate) lock: Lock,
    pub(crate) table_exists: bool,
    pub(crate) medium: Medium,
}

impl<'run> Frame<'run> {
    pub(crate) fn new(package: &'static str, options: &'run Options, table_exists: bool, medium: Medium) -> Self {
        Self { package, options, lock: Lock::new(&options.version_table), table_exists, medium }
    }

    /// Opens a transaction on a session that is as it was before the first script.
    pub(crate) fn open(&self, scope: Scope, limits: Limits) -> Message {
        self.prepare(Message::default().with(Part::Open, BEGIN), scope, limits)
    }

    /// Makes the session as it was before the first script, with the limits of a step.
    fn prepare(&self, mut message: Message, scope: Scope, limits: Limits) -> Message {
        match &self.medium {
            Medium::Session(None) => {
                if let Some(role) = &self.options.role {
                    message.push(Part::Open, &format!("SELECT {}", set("role", role, Scope::Session)));
                }
                message.push(Part::Read, INHERITED);
            }
            Medium::Session(Some(Inherited { role, settings })) => {
                message.push(Part::Open, "RESET ALL");
                message.push(Part::Open, "DISCARD TEMP");
                let settings = settings.iter().map(|(name, value)| set(name, value, Scope::Session));
                let all: Vec<String> = settings.chain([set("role", role, Scope::Session)]).collect();
                message.push(Part::Open, &format!("SELECT {}", all.join(", ")));
            }
            Medium::Text { begun: false } => {
                if let Some(role) = &self.options.role {
                    message.push(Part::Open, &format!("SELECT {}", set("role", role, Scope::Session)));
                }
            }
            Medium::Text { begun: true } => {
                message.push(Part::Open, "RESET ALL");
                message.push(Part::Open, "DISCARD TEMP");
                // The text is UTF-8, whatever the client that runs it has by default.
                message.push(Part::Open, &format!("SELECT {}", utf8()));
            }
        }
        let ours = OURS.iter().map(|(version, name, value)| {
            if *version == 0 {
                return set(name, value, scope);
            }
            let linux = match *name {
                "client_connection_check_interval" => " AND pg_catalog.version() OPERATOR(pg_catalog.~~) '%linux%'",
                _ => "",
            };
            format!(
                "CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 OPERATOR(pg_catalog.>=) \
                 {version}{linux} THEN {} END",
                set(name, value, scope)
            )
        });
        let mut ours: Vec<String> = ours.collect();
        let lock_timeout = match scope {
            Scope::Transaction => limits.lock,
            // A concurrent index build that runs into a limit stays behind as an invalid index; what may run in a
            // transaction gets its limit there.
            Scope::Session => Duration::ZERO,
        };
        ours.push(set("lock_timeout", &milliseconds(lock_timeout), scope));
        ours.push(set("statement_timeout", &milliseconds(limits.statement), scope));
        // The role at the beginning, in a setting that ends with the transaction, or with the step.
        let local = scope == Scope::Transaction || matches!(self.medium, Medium::Session(_));
        ours.push(format!("pg_catalog.set_config('migrate.role', pg_catalog.current_setting('role'), {local})"));
        message.with(Part::Open, &format!("SELECT {}", ours.join(",\n    ")))
    }

    /// The limits of a step: those of its revision, else those of the run.
    fn limits(&self, task: Task<'_>) -> Limits {
        Limits {
            lock: task.migration.lock_limit().unwrap_or(self.options.lock_timeout),
            statement: task.migration.statement_limit().unwrap_or(self.options.statement_timeout),
        }
    }

    /// The limits of a write to the version table alone.
    pub(crate) fn own_limits(&self) -> Limits {
        Limits { lock: self.options.lock_timeout, statement: Duration::ZERO }
    }

    /// The limit of a write to the version table in a session that has none: somebody may have locked the table.
    fn own_lock_timeout(&self) -> String {
        format!("SELECT {}", set("lock_timeout", &milliseconds(self.options.lock_timeout), Scope::Transaction))
    }

    /// The beginning of a step: opens the transaction, takes the lock, checks that the step may still be taken, and notes
    /// that it begins.
    pub(crate) fn begin(&self, task: Task<'_>) -> Message {
        let (table, package, id) = (&self.options.version_table, self.package, task.migration.id());
        let (scope, lock) = match task.action.transaction() {
            Transaction::PerRevision => (Scope::Transaction, self.lock.for_transaction()),
            Transaction::None => (Scope::Session, self.lock.for_session()),
        };
        let mut message = match task.share.begins() {
            true => self.open(scope, self.limits(task)).with(Part::Lock, &lock),
            false => self.prepare(Message::default(), scope, self.limits(task)),
        };
        if scope == Scope::Session {
            message.push(Part::Open, &self.own_lock_timeout());
        }
        match task.direction {
            Direction::Up => {
                if !self.table_exists {
                    message.push(Part::CreateTable, &table.create());
                }
                if let Some(parents) = table.parents_applied(package, task.migration) {
                    message.push(Part::Precondition, &parents);
                }
                match task.row {
                    None => message.push(Part::Record, &table.insert(package, task.migration, Progress::Begun)),
                    Some(row) => message.push(Part::Precondition, &table.resume(package, row)),
                }
            }
            Direction::Down => {
                message.push(Part::Precondition, &table.begin_down(package, id, task.row));
            }
        }
        message
    }

    /// Records the step and ends the transaction.
    pub(crate) fn end(&self, message: Message, task: Task<'_>) -> Message {
        let (table, id) = (&self.options.version_table, task.migration.id());
        let finish = match task.direction {
            Direction::Up => table.finish(self.package, id),
            Direction::Down => table.delete(self.package, id, true),
        };
        let role = match &self.medium {
            Medium::Session(Some(inherited)) => format!("SELECT {}", set("role", &inherited.role, Scope::Session)),
            _ => restore_role(Scope::Session),
        };
        let message = message.with(Part::Finish, &format!("{role}, {}", utf8()));
        let message = message.with(Part::Finish, &finish);
        if task.share.commits() { self.cleaned(message.with(Part::Commit, "COMMIT")) } else { message }
    }

    /// Leaves nothing behind on the session after a step: a pooler may lend it to somebody else at once.
    fn cleaned(&self, message: Message) -> Message {
        if matches!(self.medium, Medium::Text { .. }) {
            return message;
        }
        let message = message.with(Part::Unlock, "RESET ALL").with(Part::Unlock, "DISCARD TEMP");
        match self.options.role {
            Some(_) => message.with(Part::Unlock, &format!("SELECT {}", set("role", "none", Scope::Session))),
            None => message,
        }
    }

    /// One statement of a script without a transaction, and its record, in a transaction of their own: where one may be.
    pub(crate) fn statement(&self, task: Task<'_>, script: &Script, n: usize) -> Message {
        let message = self.checked(self.limited(task)).with(Part::Statement(n), script.statement(n));
        self.recorded(message, task, script, n)
    }

    /// Opens a transaction of a revision that has none, for what may be in one: with the limit that its session has not. A
    /// script that has set its own keeps it.
    pub(crate) fn limited(&self, task: Task<'_>) -> Message {
        let limit = format!(
            "SELECT pg_catalog.set_config('lock_timeout', CASE WHEN pg_catalog.current_setting('lock_timeout') \
             OPERATOR(pg_catalog.=) '0' THEN {} ELSE pg_catalog.current_setting('lock_timeout') END, true)",
            literal(&milliseconds(self.limits(task).lock))
        );
        Message::default().with(Part::Open, BEGIN).with(Part::Open, &limit)
    }

    /// Records a statement of a script without a transaction that was run on its own.
    pub(crate) fn record(&self, task: Task<'_>, script: &Script, n: usize) -> Message {
        self.recorded(self.fresh(Message::default().with(Part::Open, BEGIN)), task, script, n)
    }

    /// The end of a message that records statement `n`; after the last one the step is recorded and the lock given back.
    fn recorded(&self, message: Message, task: Task<'_>, script: &Script, n: usize) -> Message {
        let (table, id, n_done) = (&self.options.version_table, task.migration.id(), n + 1);
        if n_done == script.statements().len() {
            return self.finished(message, task);
        }
        let progress = match task.direction {
            Direction::Up => table.progress(self.package, id, n_done, script),
            Direction::Down => table.down_progress(self.package, id, n_done, script),
        };
        message.with(Part::Open, &self.first_role()).with(Part::Record, &progress).with(Part::Commit, "COMMIT")
    }

    /// Records a step without a transaction, and gives back the lock.
    pub(crate) fn finish(&self, task: Task<'_>) -> Message {
        self.finished(self.fresh(Message::default().with(Part::Open, BEGIN)), task)
    }

    fn finished(&self, message: Message, task: Task<'_>) -> Message {
        let (table, id) = (&self.options.version_table, task.migration.id());
        let finish = match task.direction {
            Direction::Up => table.finish_without_transaction(self.package, task.migration),
            Direction::Down => table.delete(self.package, id, false),
        };
        let message = message.with(Part::Open, &self.first_role()).with(Part::Finish, &finish);
        // Free only after the commit: whoever takes the lock next must see the row as it is now.
        let message = message.with(Part::Commit, "COMMIT").with(Part::Unlock, &self.lock.unlock_session());
        let message = message.with(Part::Unlock, &format!("SELECT {}", utf8()));
        match self.medium {
            Medium::Session(_) => self.cleaned(message),
            Medium::Text { .. } => message.with(Part::Open, &restore_role(Scope::Session)),
        }
    }

    /// Notes that the statement after the last recorded one has failed, so that there is no doubt about it.
    pub(crate) fn failed(&self, task: Task<'_>) -> Message {
        let failed = self.options.version_table.statement_failed(self.package, task.migration.id());
        let message = self.fresh(Message::default().with(Part::Open, BEGIN));
        message.with(Part::Open, &self.first_role()).with(Part::Record, &failed).with(Part::Commit, "COMMIT")
    }

    /// Out of a transaction that a statement did not want to be in.
    pub(crate) fn after_refusal(&self) -> Message {
        Message::default().with(Part::Commit, "ROLLBACK")
    }

    /// Raises when a concurrent build has left its index invalid; nothing for a statement that builds none.
    pub(crate) fn index_is_valid(&self, statement: &str) -> Option<Message> {
        let invalid = Alone::of(statement)?.invalid()?;
        let guard = guard(&format!("NOT EXISTS ({invalid})"), "migrate: the index is invalid");
        Some(Message::default().with(Part::Precondition, &guard))
    }

    /// Checks the session, and limits what the version table is waited for.
    fn fresh(&self, message: Message) -> Message {
        self.checked(message).with(Part::Open, &self.own_lock_timeout())
    }

    /// Raises when the transaction is older than this message, as one that the revision left open, or when the lock is not
    /// held any more: a pooler may have given the session to somebody else. Somebody who runs a text sends its statements
    /// one by one.
    pub(crate) fn checked(&self, message: Message) -> Message {
        match self.medium {
            Medium::Session(_) => {
                let fresh = "pg_catalog.now() OPERATOR(pg_catalog.=) pg_catalog.statement_timestamp()";
                let message = message.with(Part::Open, &guard(fresh, "migrate: a transaction is open"));
                message.with(Part::Held, &self.lock.is_ours())
            }
            Medium::Text { .. } => message,
        }
    }

    /// The session's first role, for the rest of a transaction: without an effect on the script's.
    pub(crate) fn first_role(&self) -> String {
        match &self.medium {
            Medium::Session(inherited) => {
                let role = inherited.as_ref().map_or("none", |inherited| &inherited.role);
                format!("SELECT {}", set("role", role, Scope::Transaction))
            }
            Medium::Text { .. } => restore_role(Scope::Transaction),
        }
    }
}

/// The role that began the step: a script may have set another, which need not be allowed to write the version table. A
/// script that resets all settings has lost the note; the session's own role is the best guess then.
fn restore_role(scope: Scope) -> String {
    format!(
        "SELECT pg_catalog.set_config('role', CASE WHEN pg_catalog.current_setting('migrate.role', true) \
         OPERATOR(pg_catalog.<>) '' THEN pg_catalog.current_setting('migrate.role', true) ELSE 'none' END, {})",
        scope == Scope::Transaction
    )
}

/// What the next message is written in: a server reads it as the session's encoding has it when it arrives, and a script may
/// have set another.
fn utf8() -> String {
    set("client_encoding", "UTF8", Scope::Session)
}

/// A limit as Postgres has it; what is less than a millisecond is not without limit.
fn milliseconds(limit: Duration) -> String {
    limit.as_micros().div_ceil(1_000).min(i32::MAX as u128).to_string()
}

pub(crate) fn set(name: &str, value: &str, scope: Scope) -> String {
    format!("pg_catalog.set_config({}, {}, {})", literal(name), literal(value), scope == Scope::Transaction)
}
