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
    pub(crate) lock_timeout: Duration,
    pub(crate) on_ahead: OnAhead,
    pub(crate) version_table: VersionTable,
    listener: Option<Listener>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lock_timeout: Duration::from_secs(60),
            on_ahead: OnAhead::default(),
            version_table: VersionTable::default(),
            listener: None,
        }
    }
}

impl Options {
    /// How long to wait for another process that migrates the same database; 60 seconds by default.
    #[must_use]
    pub fn lock_timeout(mut self, limit: Duration) -> Self {
        self.lock_timeout = limit;
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
            .field("lock_timeout", &self.lock_timeout)
            .field("on_ahead", &self.on_ahead)
            .field("version_table", &self.version_table)
            .finish_non_exhaustive()
    }
}
