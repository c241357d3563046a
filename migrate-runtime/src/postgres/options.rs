//! How a run behaves.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::postgres::context::{Context, RevisionFuture};
use crate::postgres::error::Error;
use crate::postgres::event::Event;
use crate::postgres::hook::{Hook, Moment};
use crate::postgres::version_table::VersionTable;

/// What to do when the database has revisions that this binary does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnAhead {
    /// Run, and tell it by an event: a newer release has upgraded first, as in every rolling deploy. A revision marked
    /// `breaks-older` is refused all the same.
    #[default]
    Allow,
    /// Refuse.
    Refuse,
}

/// Whether the steps of a run are committed one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transactions {
    /// Each with its own transaction: what is done stays done when a later one fails.
    #[default]
    PerRevision,
    /// All in one, as Alembic does by default: either the whole run or nothing. It cannot have a revision with
    /// `transaction: none`, keeps every lock until the end, and has to fit into the server's lock table: with Postgres's
    /// defaults that is full after about 2,000 small revisions (Postgres manual, 20.12, `max_locks_per_transaction`).
    All,
}

type Listener = Arc<dyn Fn(&Event) + Send + Sync>;

/// How an upgrade or a downgrade behaves; [`Default`] suits most.
#[derive(Clone)]
pub struct Options {
    pub(crate) wait_timeout: Duration,
    pub(crate) retry_timeout: Duration,
    pub(crate) reconnect_timeout: Duration,
    pub(crate) lock_timeout: Duration,
    pub(crate) statement_timeout: Duration,
    pub(crate) on_ahead: OnAhead,
    pub(crate) version_table: VersionTable,
    pub(crate) transactions: Transactions,
    pub(crate) hook: Option<Hook>,
    pub(crate) role: Option<String>,
    pub(crate) session_setup: Option<Arc<str>>,
    pub(crate) session_end: Option<Arc<str>>,
    listener: Option<Listener>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            wait_timeout: Duration::from_secs(60),
            retry_timeout: Duration::from_secs(60),
            reconnect_timeout: Duration::from_secs(20),
            lock_timeout: Duration::from_secs(2),
            statement_timeout: Duration::ZERO,
            on_ahead: OnAhead::default(),
            version_table: VersionTable::default(),
            transactions: Transactions::default(),
            hook: None,
            role: None,
            session_setup: None,
            session_end: None,
            listener: None,
        }
    }
}

impl Options {
    /// How long to wait for another process that migrates the same database; 60 seconds by default.
    #[must_use]
    pub fn wait_timeout(mut self, limit: Duration) -> Self {
        self.wait_timeout = limit;
        self
    }

    /// Postgres's `lock_timeout` for the revisions that do not say their own: how long a statement may wait for a lock on a
    /// table, while everybody who comes after it waits behind it. 2 seconds by default, in whole milliseconds; zero is
    /// without limit. What runs into it is rolled back and tried again, see [`retry_timeout`](Self::retry_timeout).
    #[must_use]
    pub fn lock_timeout(mut self, limit: Duration) -> Self {
        self.lock_timeout = limit;
        self
    }

    /// For how long a revision is tried again that ran into its `lock_timeout`, or into a deadlock; 60 seconds by default.
    #[must_use]
    pub fn retry_timeout(mut self, limit: Duration) -> Self {
        self.retry_timeout = limit;
        self
    }

    /// For how long a server is looked for after the connection to it broke, to find out what became of the step under way
    /// and to go on; 20 seconds by default, as a restart or a failover takes seconds. Zero gives up after one try.
    #[must_use]
    pub fn reconnect_timeout(mut self, limit: Duration) -> Self {
        self.reconnect_timeout = limit;
        self
    }

    /// Postgres's `statement_timeout` for the revisions that do not say their own, in whole milliseconds; none by default,
    /// whatever the role or the database has.
    #[must_use]
    pub fn statement_timeout(mut self, limit: Duration) -> Self {
        self.statement_timeout = limit;
        self
    }

    /// What to do when the database has revisions that this binary does not know.
    #[must_use]
    pub fn on_ahead(mut self, policy: OnAhead) -> Self {
        self.on_ahead = policy;
        self
    }

    /// Keeps the applied revisions elsewhere than in `public.migrate_revisions`. The schema must exist.
    #[must_use]
    pub fn version_table(mut self, table: VersionTable) -> Self {
        self.version_table = table;
        self
    }

    /// Whether the steps of a run are committed one by one, as by default, or all at once.
    #[must_use]
    pub fn transactions(mut self, transactions: Transactions) -> Self {
        self.transactions = transactions;
        self
    }

    /// Takes every step as this role, which owns what is created then: `SET ROLE` before the first. The version table is
    /// written as this role too.
    #[must_use]
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }

    /// Runs this SQL, of one statement or several, on the session before the first step, when there is one to take. It is
    /// for settings, and runs more than once: before each later step too, since the session is reset between them so that
    /// what a script sets does not reach the next, and after the connection was lost.
    #[must_use]
    pub fn session_setup(mut self, sql: impl Into<Arc<str>>) -> Self {
        self.session_setup = Some(sql.into());
        self
    }

    /// Runs this SQL on the session after the last step, when all were taken.
    #[must_use]
    pub fn session_end(mut self, sql: impl Into<Arc<str>>) -> Self {
        self.session_end = Some(sql.into());
        self
    }

    /// Calls `hook` before and after each step, with the connection that takes it: inside its transaction, so that an error
    /// of the hook rolls the step back. Alembic's `on_version_apply`. Offline mode calls no hooks.
    ///
    /// ```
    /// use migrate_runtime::{Options, When};
    ///
    /// let options = Options::default().on_step(|moment, cx| {
    ///     Box::pin(async move {
    ///         match moment.when {
    ///             When::Before => cx.execute("SET LOCAL maintenance_work_mem = '1GB'").await,
    ///             When::After => Ok(()),
    ///         }
    ///     })
    /// });
    /// ```
    #[must_use]
    pub fn on_step(
        mut self,
        hook: impl for<'c, 'conn> Fn(Moment, &'c mut Context<'conn>) -> RevisionFuture<'c> + Send + Sync + 'static,
    ) -> Self {
        self.hook = Some(Hook::new(hook));
        self
    }

    /// Calls `listener` for every event, on the task that runs the upgrade; it must not block.
    #[must_use]
    pub fn on_event(mut self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// Calls `listener` for every event too.
    #[cfg(feature = "command")]
    pub(crate) fn also_on_event(mut self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        let first = self.listener.take();
        self.on_event(move |event| {
            if let Some(first) = &first {
                first(event);
            }
            listener(event);
        })
    }

    /// The error of a version table that could not be read.
    pub(crate) fn unreadable(&self, source: sqlx::Error) -> Error {
        Error::Read { table: self.version_table.quoted(), source }
    }

    pub(crate) fn tell(&self, event: &Event) {
        event.trace();
        if let Some(listener) = &self.listener {
            listener(event);
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("wait_timeout", &self.wait_timeout)
            .field("retry_timeout", &self.retry_timeout)
            .field("reconnect_timeout", &self.reconnect_timeout)
            .field("lock_timeout", &self.lock_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .field("on_ahead", &self.on_ahead)
            .field("version_table", &self.version_table)
            .field("transactions", &self.transactions)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}
