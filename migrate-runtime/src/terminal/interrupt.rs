//! Work with a database under way, and what a signal does to it.

use std::future::Future;
use std::io;
use std::process;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Row as _};

use crate::Event;
use crate::terminal::report::{Failure, Kind};

/// How long to wait for a session to end after it was told to.
const PATIENCE: Duration = Duration::from_secs(10);

/// The sessions of this run on the server, by which they are found again after a signal.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// Their `application_name`, which also tells others who holds the lock. A script may change it.
    name: String,
    /// Their process ids, as far as they were told.
    pids: Arc<Mutex<Vec<i32>>>,
}

/// Runs work with a connection of its own; a signal ends it.
///
/// After Ctrl-C or SIGTERM the work is dropped and its session on the server ended, and only when the server has rolled
/// back and given the lock free does this return: whoever sees the exit code can rely on that.
///
/// # Errors
///
/// Those of the work, and the signal.
pub async fn unless_interrupted<T, Work>(
    options: &PgConnectOptions,
    sessions: &Sessions,
    work: impl FnOnce(PgConnectOptions) -> Work,
) -> Result<T, Failure>
where
    Work: Future<Output = Result<T, Failure>>,
{
    let interrupted = tokio::select! {
        done = work(options.clone().application_name(&sessions.name)) => return done,
        signal = signalled() => signal.map_err(|error| {
            Failure::new(Kind::Io, format!("could not listen for signals: {error}"))
        })?,
    };
    sessions.end(options).await;
    Err(self::interrupted(interrupted))
}

/// What is told of a signal.
#[must_use]
pub fn interrupted(signal: u8) -> Failure {
    Failure::new(Kind::Interrupted(signal), "interrupted: what was not committed is rolled back")
        .help("`cargo migrate status` shows where the database is")
}

/// The number of the signal that arrives first.
///
/// # Errors
///
/// When the system has no way to listen.
#[cfg(unix)]
pub async fn signalled() -> io::Result<u8> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(tokio::select! {
        _ = interrupt.recv() => 2,
        _ = terminate.recv() => 15,
    })
}

/// The number of the signal that arrives first.
///
/// # Errors
///
/// When the system has no way to listen.
#[cfg(not(unix))]
pub async fn signalled() -> io::Result<u8> {
    tokio::signal::ctrl_c().await.map(|()| 2)
}

impl Sessions {
    /// Sessions that are not there yet, with a name of their own.
    #[expect(clippy::new_without_default, reason = "each call makes another name")]
    #[must_use]
    pub fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let name = format!("cargo migrate {}.{}", process::id(), since.as_millis());
        Self { name, pids: Arc::default() }
    }

    /// Takes note of what an event says about a session.
    pub fn see(&self, event: &Event) {
        if let Event::Connected { backend_pid } = event {
            self.pids.lock().unwrap_or_else(PoisonError::into_inner).push(*backend_pid);
        }
    }

    /// Ends the sessions and waits until they are gone. Where the server cannot be reached any more there is nothing to
    /// wait for: it ends a session itself when it notices that the client is gone.
    async fn end(&self, options: &PgConnectOptions) {
        let pids = self.pids.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let ended = tokio::time::timeout(PATIENCE, async {
            let mut conn = PgConnection::connect_with(&options.clone().application_name("cargo migrate")).await?;
            loop {
                let left = sqlx::query(
                    "SELECT pg_catalog.count(pg_catalog.pg_terminate_backend(pid)) AS n_left
                     FROM pg_catalog.pg_stat_activity
                     WHERE (application_name OPERATOR(pg_catalog.=) $1 OR pid OPERATOR(pg_catalog.=) ANY ($2))
                         AND usename OPERATOR(pg_catalog.=) current_user
                         AND datname OPERATOR(pg_catalog.=) pg_catalog.current_database()",
                )
                .bind(&self.name)
                .bind(&pids)
                .fetch_one(&mut conn)
                .await?;
                if left.try_get::<i64, _>("n_left")? == 0 {
                    return conn.close().await;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        // The exit code says interrupted either way.
        let _ = ended.await;
    }
}
