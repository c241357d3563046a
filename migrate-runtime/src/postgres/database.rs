//! The database a run is pointed at, and the connection that it owns.

use std::io;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, Postgres};
use sqlx::{ConnectOptions as _, Connection as _};

/// How long a server may take to answer. A pool has its own limit, `acquire_timeout`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// Connects, with a limit.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    // A statement that is slow would be logged with its text, and a revision's text may hold a role's password.
    let options = options.clone().disable_statement_logging();
    let connected = tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(&options)).await;
    connected.unwrap_or_else(|_| {
        let text = format!("no answer within {} seconds", CONNECT_TIMEOUT.as_secs());
        Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, text)))
    })
}

/// Where to connect: a pool of the application's, or the means to make a connection.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Database<'a> {
    /// One connection is taken out of the pool. It goes back when nothing was pending; after an upgrade it is closed, so
    /// that nothing a script has set reaches the application. sqlx logs statements that take longer than a second with
    /// their text; where scripts hold secrets, turn that off in the pool's options (`log_slow_statements`).
    Pool(&'a PgPool),
    /// A connection is made for the run and closed after it.
    Options(&'a PgConnectOptions),
}

impl<'a> From<&'a PgPool> for Database<'a> {
    fn from(pool: &'a PgPool) -> Self {
        Self::Pool(pool)
    }
}

impl<'a> From<&'a PgConnectOptions> for Database<'a> {
    fn from(options: &'a PgConnectOptions) -> Self {
        Self::Options(options)
    }
}

/// A connection that has only been read from, and may go back to where it came from.
#[derive(Debug)]
pub(crate) enum Borrowed {
    Pooled(PoolConnection<Postgres>),
    Own(Box<PgConnection>),
}

impl Database<'_> {
    /// An idle connection of the pool, without the ping that `acquire` spends a round trip on. It may be dead.
    pub(crate) fn idle(self) -> Option<Borrowed> {
        match self {
            Self::Pool(pool) => pool.try_acquire().map(Borrowed::Pooled),
            Self::Options(_) => None,
        }
    }

    /// A connection beside that of the run, for a look.
    pub(crate) async fn connect_aside(self) -> Result<PgConnection, sqlx::Error> {
        match self {
            Self::Pool(pool) => connect(&pool.connect_options()).await,
            Self::Options(options) => connect(options).await,
        }
    }

    /// How to connect.
    pub(crate) fn connect_options(self) -> PgConnectOptions {
        match self {
            Self::Pool(pool) => (*pool.connect_options()).clone(),
            Self::Options(options) => options.clone(),
        }
    }

    /// The same, with a setting that is asked for when the connection is opened.
    pub(crate) async fn connect_marked(self, name: &str, value: &str) -> Result<PgConnection, sqlx::Error> {
        connect(&self.connect_options().options([(name, value)])).await
    }

    pub(crate) async fn connect(self) -> Result<Borrowed, sqlx::Error> {
        match self {
            Self::Pool(pool) => match pool.acquire().await {
                // A pool tries again until its time is up and does not say why; a connection of our own does.
                Err(sqlx::Error::PoolTimedOut) => {
                    connect(&pool.connect_options()).await?;
                    Err(sqlx::Error::PoolTimedOut)
                }
                acquired => acquired.map(Borrowed::Pooled),
            },
            Self::Options(options) => connect(options).await.map(Box::new).map(Borrowed::Own),
        }
    }
}

impl Borrowed {
    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        match self {
            Self::Pooled(conn) => conn,
            Self::Own(conn) => conn,
        }
    }

    /// Makes the connection this run's alone: whatever happens, it never goes back to the pool.
    pub(crate) fn keep(self) -> PgConnection {
        match self {
            Self::Pooled(conn) => conn.detach(),
            Self::Own(conn) => *conn,
        }
    }

    /// Says goodbye to a connection of our own; one of the pool's goes back there.
    pub(crate) async fn release(self) {
        if let Self::Own(conn) = self {
            // It has done its work; a failed goodbye changes nothing.
            let _ = conn.close().await;
        }
    }
}
