//! The connection of a run, and what must hold on it: a script may set anything, and the next must not inherit that.

use std::time::Duration;

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Connection as _, Row as _};

use crate::postgres::lock::Lock;
use crate::postgres::message::{Failed, Message, Part, guard};
use crate::postgres::options::Options;
use crate::postgres::quote::literal;

/// How long a server may take to say goodbye.
const PATIENCE: Duration = Duration::from_secs(5);

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
    (0, "statement_timeout", "0"),
    (0, "idle_in_transaction_session_timeout", "10min"),
    (0, "default_transaction_read_only", "off"),
    (0, "synchronous_commit", "on"),
    (140_000, "idle_session_timeout", "0"),
    (170_000, "transaction_timeout", "0"),
    (140_000, "client_connection_check_interval", "1s"),
];

/// A connection that is one run's alone, from the first step to the last.
#[derive(Debug)]
pub(crate) struct Session<'run> {
    pub(crate) conn: PgConnection,
    pub(crate) package: &'static str,
    pub(crate) options: &'run Options,
    pub(crate) lock: Lock,
    pub(crate) table_exists: bool,
    inherited: Option<Inherited>,
    /// Whether the server has a transaction of ours open, failed or not.
    in_transaction: bool,
}

#[derive(Debug)]
struct Inherited {
    role: String,
    settings: Vec<(String, String)>,
}

/// Whether the executor's transaction surrounds the script, or only its own notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The settings end with the transaction.
    Transaction,
    /// The settings stay for the statements that follow.
    Session,
}

impl<'run> Session<'run> {
    pub(crate) fn new(conn: PgConnection, package: &'static str, options: &'run Options, table_exists: bool) -> Self {
        let lock = Lock::new(&options.version_table);
        Self { conn, package, options, lock, table_exists, inherited: None, in_transaction: false }
    }

    /// Opens a transaction on a session that is as it was before the first script.
    pub(crate) fn open(&self, scope: Scope) -> Message {
        let mut message = Message::default().with(Part::Open, BEGIN);
        match &self.inherited {
            None => message.push(Part::Read, INHERITED),
            Some(Inherited { role, settings }) => {
                message.push(Part::Open, "RESET ALL");
                message.push(Part::Open, "DISCARD TEMP");
                let settings = settings.iter().map(|(name, value)| set(name, value, Scope::Session));
                let all: Vec<String> = settings.chain([set("role", role, Scope::Session)]).collect();
                message.push(Part::Open, &format!("SELECT {}", all.join(", ")));
            }
        }
        let ours = OURS.iter().map(|(version, name, value)| {
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
        if scope == Scope::Session {
            // A concurrent index build that runs into a limit stays behind as an invalid index.
            ours.push(set("lock_timeout", "0", scope));
        }
        // The role at the beginning, in a setting that ends with the transaction.
        ours.push("pg_catalog.set_config('migrate.role', pg_catalog.current_setting('role'), true)".to_owned());
        message.with(Part::Open, &format!("SELECT {}", ours.join(", ")))
    }

    /// The role that began the transaction: a script may have set another, which need not be allowed to write the version
    /// table. A script that resets all settings has lost the note; the session's own role is the best guess then.
    pub(crate) fn restore_role() -> &'static str {
        "SELECT pg_catalog.set_config('role', CASE WHEN pg_catalog.current_setting('migrate.role', true) \
         OPERATOR(pg_catalog.<>) '' THEN pg_catalog.current_setting('migrate.role', true) ELSE 'none' END, false)"
    }

    /// A note in a transaction of its own, between the statements of a script without one: as the session's first role,
    /// and without an effect on the script's.
    pub(crate) fn note(&self, part: Part, statement: &str) -> Message {
        let role = self.inherited.as_ref().map_or("none", |inherited| &inherited.role);
        let role = format!("SELECT {}", set("role", role, Scope::Transaction));
        // A transaction that is older than this message is one that the revision left open.
        let fresh = "pg_catalog.now() OPERATOR(pg_catalog.=) pg_catalog.statement_timestamp()";
        let fresh = guard(fresh, "migrate: a transaction is open");
        Message::default()
            .with(Part::Open, BEGIN)
            .with(Part::Open, &fresh)
            .with(Part::Open, &role)
            .with(part, statement)
            .with(Part::Commit, "COMMIT")
    }

    /// Reads on the connection as it is.
    pub(crate) async fn ask(&mut self, query: &str) -> Result<Vec<PgRow>, Failed> {
        Message::default().with(Part::Read, query).send(&mut self.conn).await
    }

    pub(crate) async fn send(&mut self, message: Message) -> Result<(), Failed> {
        let (opens, commits) = (message.has(Part::Open), message.has(Part::Commit));
        self.in_transaction |= opens;
        let rows = message.send(&mut self.conn).await?;
        self.in_transaction &= !commits;
        if self.inherited.is_none() {
            self.inherited = inherited(&rows);
        }
        Ok(())
    }

    /// The beginning of a message after a step that was not taken: out of its failed transaction, without the lock, and as
    /// the session's first role.
    pub(crate) fn back_out(&mut self) -> Message {
        let mut message = Message::default();
        if self.in_transaction {
            message.push(Part::Open, "ROLLBACK");
            self.in_transaction = false;
        }
        if let Some(Inherited { role, .. }) = &self.inherited {
            // A script without a transaction may have set another, which need not be allowed to read the version table.
            message.push(Part::Open, &format!("SELECT {}", set("role", role, Scope::Session)));
        }
        message.with(Part::Unlock, "SELECT pg_catalog.pg_advisory_unlock_all()")
    }

    /// Ends the connection. After a failure the server is first told to roll back and give the lock free, and answers:
    /// whoever sees the error can rely on that.
    pub(crate) async fn leave(mut self, failed: bool) {
        let goodbye = async {
            if failed {
                let message = self.back_out();
                // Where the connection is broken the server finds out by itself.
                let _ = message.send(&mut self.conn).await;
            }
            let _ = self.conn.close().await;
        };
        let _ = tokio::time::timeout(PATIENCE, goodbye).await;
    }
}

fn set(name: &str, value: &str, scope: Scope) -> String {
    format!("pg_catalog.set_config({}, {}, {})", literal(name), literal(value), scope == Scope::Transaction)
}

fn inherited(rows: &[PgRow]) -> Option<Inherited> {
    let mut settings = rows.iter().map(|row| Some((row.try_get("name").ok()?, row.try_get("setting").ok()?)));
    let (_, role) = settings.next()??;
    Some(Inherited { role, settings: settings.flatten().collect() })
}
