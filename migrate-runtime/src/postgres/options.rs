//! How a run behaves.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::postgres::error::Error;
use crate::postgres::event::Event;
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

type Listener = Arc<dyn Fn(&Event) + Send + Sync>;

/// How an upgrade or a downgrade behaves; [`Default`] suits most.
#[derive(Clone)]
pub struct Options {
    pub(crate) wait_timeout: Duration,
    pub(crate) retry_timeout: Duration,
    pub(crate) lock_timeout: Duration,
    pub(crate) statement_timeout: Duration,
    pub(crate) on_ahead: OnAhead,
    pub(crate) version_table: VersionTable,
    listener: Option<Listener>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            wait_timeout: Duration::from_secs(60),
            retry_timeout: Duration::from_secs(60),
            lock_timeout: Duration::from_secs(2),
            statement_timeout: Duration::ZERO,
            on_ahead: OnAhead::default(),
            version_table: VersionTable::default(),
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

    /// Calls `listener` for every event, on the task that runs the upgrade; it must not block.
    #[must_use]
    pub fn on_event(mut self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.listener = Some(Arc::new(listener));
        self
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
            .field("lock_timeout", &self.lock_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .field("on_ahead", &self.on_ahead)
            .field("version_table", &self.version_table)
            .finish_non_exhaustive()
    }
}
