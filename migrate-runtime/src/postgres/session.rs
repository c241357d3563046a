//! The connection of a run, and what must hold on it: a script may set anything, and the next must not inherit that.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

use crate::migrations::Migrations;
use crate::postgres::database::Database;
use crate::postgres::error::Error;
use crate::postgres::frame::{Frame, Inherited, Medium, Scope, set};
use crate::postgres::hook::When;
use crate::postgres::message::{Failed, Message, Part};
use crate::postgres::options::Options;
use crate::postgres::reading::{is_ended, is_gone, is_restarted};
use crate::postgres::state::State;
use crate::postgres::watching::{Seen, Watch};

/// How long a server may take to say goodbye.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection that is one run's alone, from the first step to the last.
#[derive(Debug)]
pub(crate) struct Session<'run> {
    pub(crate) conn: PgConnection,
    /// Where to connect again.
    pub(crate) database: Database<'run>,
    /// Its process id on the server.
    pub(crate) backend_pid: Option<i32>,
    /// Since when its server runs, as the server says it.
    pub(crate) server_started: Option<String>,
    /// Who was last seen in the way of a statement.
    pub(crate) blockers: Seen,
    pub(crate) migrations: Migrations,
    pub(crate) frame: Frame<'run>,
    /// Whether it is known that no pooler lends the session.
    pub(crate) is_direct: bool,
    /// Whether the server has a transaction of ours open, failed or not.
    in_transaction: bool,
}

impl<'run> Session<'run> {
    pub(crate) fn new(
        conn: PgConnection,
        database: Database<'run>,
        migrations: &Migrations,
        options: &'run Options,
        state: &State,
    ) -> Self {
        let frame = Frame::new(migrations.package(), options, state.table_exists, Medium::Session(None));
        let (migrations, backend_pid, server_started) = (*migrations, state.backend_pid, state.server_started.clone());
        let blockers = Seen::default();
        Self {
            conn,
            database,
            backend_pid,
            server_started,
            blockers,
            migrations,
            frame,
            is_direct: false,
            in_transaction: false,
        }
    }

    /// Reads on the connection as it is.
    pub(crate) async fn ask(&mut self, query: &str) -> Result<Vec<PgRow>, Failed> {
        Message::default().with(Part::Read, query).send(&mut self.conn).await
    }

    pub(crate) async fn send(&mut self, message: Message) -> Result<(), Failed> {
        let (opens, commits) = (message.has(Part::Open), message.has(Part::Commit));
        self.in_transaction |= opens;
        let watch =
            Watch { pid: self.backend_pid, database: self.database, options: self.frame.options, seen: &self.blockers };
        let rows = watch.over(message.send(&mut self.conn)).await?;
        self.in_transaction &= !commits;
        if matches!(self.frame.medium, Medium::Session(None)) {
            self.frame.medium = Medium::Session(inherited(&rows));
        }
        Ok(())
    }

    /// Runs the SQL that the caller wants before or after a run.
    pub(crate) async fn run_sql(&mut self, when: When) -> Result<(), Error> {
        let sql = match when {
            When::Before => &self.frame.options.session_setup,
            When::After => &self.frame.options.session_end,
        };
        let Some(sql) = sql else { return Ok(()) };
        let ran = sqlx::raw_sql(AssertSqlSafe(Arc::clone(sql))).execute(&mut self.conn).await;
        ran.map(|_| ()).map_err(|source| Error::SessionSql { when, source })
    }

    /// Makes the session as it was before the first script, where SQL of the caller's is to set it up: what that sets need
    /// not be among the settings that can be read.
    pub(crate) async fn renew(&mut self) -> Result<(), Error> {
        if self.frame.options.session_setup.is_none() || matches!(self.frame.medium, Medium::Session(None)) {
            return Ok(());
        }
        let message = Message::default()
            .with(Part::Read, "RESET ALL")
            .with(Part::Read, &format!("SELECT {}", set("role", "none", Scope::Session)))
            .with(Part::Read, "DISCARD TEMP");
        let reset = message.send(&mut self.conn).await;
        reset.map_err(|failed| Error::SessionSql { when: When::Before, source: failed.source })?;
        self.frame.medium = Medium::Session(None);
        self.run_sql(When::Before).await
    }

    /// Whether an error says that the connection is gone, and not on purpose: a server that is shut down ends its sessions as
    /// an administrator does who wants the run to end.
    pub(crate) async fn is_lost(&self, error: &sqlx::Error) -> bool {
        is_gone(error) || is_ended(error) && is_restarted(self.database, self.server_started.as_deref()).await
    }

    /// Takes note that the connection is a new one.
    pub(crate) fn forget_transaction(&mut self) {
        self.in_transaction = false;
        self.is_direct = false;
    }

    /// The beginning of a message after a step that was not taken: out of its failed transaction, without the lock, and as
    /// the session's first role.
    pub(crate) fn back_out(&mut self) -> Message {
        let mut message = Message::default();
        if self.in_transaction {
            message.push(Part::Open, "ROLLBACK");
            self.in_transaction = false;
        }
        if let Medium::Session(Some(Inherited { role, .. })) = &self.frame.medium {
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

fn inherited(rows: &[PgRow]) -> Option<Inherited> {
    let mut settings = rows.iter().map(|row| Some((row.try_get("name").ok()?, row.try_get("setting").ok()?)));
    let (_, role) = settings.next()??;
    Some(Inherited { role, settings: settings.flatten().collect() })
}
