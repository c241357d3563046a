//! What a test holds: its database, for as long as it runs.

use std::fmt;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::testing::error::Error;
use crate::testing::server::Lease;
use crate::testing::url::with_database;

/// A server has 100 sessions by default, and many tests run at once.
const N_CONNECTIONS: u32 = 5;

/// A database for one test, dropped with this value: at the end of the test, after a panic too, and whoever is connected.
///
/// The drop blocks the thread for as long as the server needs, some milliseconds; [`close`](Self::close) awaits instead.
pub struct TestDatabase {
    lease: Lease,
    pool: PgPool,
    options: PgConnectOptions,
    url: String,
}

impl TestDatabase {
    pub(crate) fn new(lease: Lease, server: &PgConnectOptions, url: &str) -> Self {
        let options = server.clone().database(lease.name());
        let pool = PgPoolOptions::new().max_connections(N_CONNECTIONS).connect_lazy_with(options.clone());
        let url = with_database(url, lease.name());
        Self { lease, pool, options, url }
    }

    /// A pool of up to five connections, opened when they are needed. For what the application wants of its own pool,
    /// there are the [`options`](Self::options).
    #[must_use]
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// How to connect to it.
    #[must_use]
    pub const fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// Its URL, for other programs; with the password, if the one of the server has one.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.lease.name()
    }

    /// Drops the database without blocking, and says how that went.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or refuses. A later process tries again.
    pub async fn close(self) -> Result<(), Error> {
        self.lease.end().await
    }
}

/// Without the URL and the options, which may have a password.
impl fmt::Debug for TestDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestDatabase").field("name", &self.name()).finish_non_exhaustive()
    }
}
