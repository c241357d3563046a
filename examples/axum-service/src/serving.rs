//! The process: what listens, what runs beside it, and how all of that ends.

use crate::bringing_up::{OnStart, bring_up};
use crate::health::Health;
use crate::{gate, health, notes};
use axum::{Router, middleware};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::error::Error;
use std::future::IntoFuture;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tracing::{info, warn};

/// How long requests that are under way may take to end.
const GRACE: Duration = Duration::from_secs(10);

/// A request that finds no connection free, or no server, shall not wait for long.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// How to serve.
#[derive(clap::Args)]
pub(crate) struct Serve {
    /// Where to listen.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// What to do about pending revisions.
    #[arg(long, env = "ON_START", value_enum, default_value_t = OnStart::Upgrade)]
    on_start: OnStart,
}

impl Serve {
    /// Serves until a signal comes.
    pub(crate) async fn run(self, database: PgConnectOptions) -> Result<(), Box<dyn Error>> {
        tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).init();
        // Before anything that can be seen from outside: a signal that comes early ends it as a late one does.
        let signal = signals()?;
        let listener = TcpListener::bind(self.listen).await.map_err(|error| format!("{}: {error}", self.listen))?;
        info!("listening on {}", listener.local_addr()?);

        // The database may be away: nothing connects before it is needed.
        let pool = PgPoolOptions::new().acquire_timeout(ACQUIRE_TIMEOUT).connect_lazy_with(database.clone());
        let (sender, gate) = watch::channel(Some("starting".to_owned()));
        let app = Router::new()
            .merge(notes::routes(pool.clone()))
            .layer(middleware::from_fn_with_state(gate.clone(), gate::guard))
            .merge(health::routes(Health { database: database.clone(), gate }));
        let bringing_up = tokio::spawn(bring_up(database, self.on_start, sender));

        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, app).with_graceful_shutdown(async {
            // It ends when the sender is dropped.
            let _ = stopped.await;
        });
        let server = tokio::spawn(server.into_future());
        info!("stopping after {}", signal.await);

        // The server rolls back a revision under way, or completes it; never half of it.
        bringing_up.abort();
        drop(stop);
        let ended = tokio::time::timeout(GRACE, async {
            server.await??;
            pool.close().await;
            Ok(())
        });
        ended.await.unwrap_or_else(|_| {
            warn!("requests were still under way after {} s", GRACE.as_secs());
            Ok(())
        })
    }
}

/// SIGTERM, as an orchestrator sends it, or Ctrl-C; listened for from this call on.
#[cfg(unix)]
fn signals() -> io::Result<impl Future<Output = &'static str>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "Ctrl-C",
        }
    })
}

/// Ctrl-C.
#[cfg(windows)]
fn signals() -> io::Result<impl Future<Output = &'static str>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
        "Ctrl-C"
    })
}
