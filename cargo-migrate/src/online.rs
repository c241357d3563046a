//! Work with a database under way: the asynchronous runtime, and what a signal does to it.

use std::future::Future;
use std::io;
use std::process;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Row as _};
use tokio::signal::unix::{SignalKind, signal};

use crate::database::Dsn;
use crate::report::{Failure, Kind};

/// How long to wait for a session to end after it was told to.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs work with a connection of its own; a signal ends it.
///
/// After Ctrl-C or SIGTERM the work is dropped and its session on the server ended, and only when the server has rolled
/// back and given the lock free does the program return: whoever sees the exit code can rely on that.
pub(crate) fn run<T, Work>(dsn: &Dsn, work: impl FnOnce(PgConnectOptions) -> Work) -> Result<T, Failure>
where
    Work: Future<Output = Result<T, Failure>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Kind::Io, format!("could not start the asynchronous runtime: {error}")))?;
    let session = SessionName::new();
    let options = dsn.options.0.clone().application_name(&session.0);
    runtime.block_on(async {
        let interrupted = tokio::select! {
            done = work(options) => return done,
            signal = signalled() => signal?,
        };
        session.end(&dsn.options.0).await;
        Err(Failure::new(Kind::Interrupted(interrupted), "interrupted: the revision under way was not recorded")
            .help("`cargo migrate status` shows where the database is; `cargo migrate upgrade` goes on from there"))
    })
}

/// The number of the signal that arrives first.
async fn signalled() -> Result<u8, Failure> {
    let unheard = |error: io::Error| Failure::new(Kind::Io, format!("could not listen for signals: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(unheard)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(unheard)?;
    Ok(tokio::select! {
        _ = interrupt.recv() => 2,
        _ = terminate.recv() => 15,
    })
}

/// The `application_name` of this run's sessions: it tells others who holds the lock, and finds the session again.
#[derive(Debug)]
struct SessionName(String);

impl SessionName {
    fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(format!("cargo migrate {}.{}", process::id(), since.as_millis()))
    }

    /// Ends the session and waits until it is gone. Where the server cannot be reached any more there is nothing to wait
    /// for: it ends the session itself when it notices that the client is gone.
    async fn end(&self, options: &PgConnectOptions) {
        let ended = tokio::time::timeout(PATIENCE, async {
            let mut conn = PgConnection::connect_with(&options.clone().application_name("cargo migrate")).await?;
            loop {
                let left = sqlx::query(
                    "SELECT pg_catalog.count(pg_catalog.pg_terminate_backend(pid)) AS n_left
                     FROM pg_catalog.pg_stat_activity
                     WHERE application_name OPERATOR(pg_catalog.=) $1",
                )
                .bind(&self.0)
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
