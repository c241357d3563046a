//! Brings the database to what the program needs, for as long as that takes.

use crate::gate::Shut;
use crate::migrations;
use clap::ValueEnum;
use migrate_runtime::{Error, Event, Options};
use sqlx::postgres::PgConnectOptions;
use std::time::Duration;
use tokio::sync::watch;
use tracing::{info, warn};

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How long one attempt waits for somebody else's upgrade before the log tells that it still waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the service does about pending revisions when it starts.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OnStart {
    /// Applies them.
    Upgrade,
    /// Waits until a job has applied them.
    Wait,
}

/// Tries until it succeeds, and opens the gate then. Nothing is final: a database comes back, and what one person has
/// left in the way another one takes away.
///
/// It is done once. A database that is downgraded while the service runs is meant to be, and stays so; `/ready` tells.
pub(crate) async fn bring_up(database: PgConnectOptions, on_start: OnStart, gate: watch::Sender<Shut>) {
    if matches!(on_start, OnStart::Wait) {
        gate.send_replace(Some("waiting for the database, and until somebody else has upgraded it".to_owned()));
    }
    let mut pause = FIRST_PAUSE;
    loop {
        match attempt(&database, on_start, &gate).await {
            Ok(found) => {
                // Before the log: who reads it there may rely on it.
                gate.send_replace(None);
                info!("database {found}");
                return;
            }
            // It has waited all the time.
            Err(error @ Error::NotCurrent { .. }) => {
                gate.send_replace(Some(error.to_string()));
                warn!("{error}");
            }
            Err(error) => {
                gate.send_replace(Some(error.to_string()));
                warn!("not ready, next try in {} ms: {error}", pause.as_millis());
                tokio::time::sleep(pause).await;
                pause = LONGEST_PAUSE.min(pause * 2);
            }
        }
    }
}

/// A connection of the run's own fails at once, and says why; a pool would try for a while.
async fn attempt(database: &PgConnectOptions, on_start: OnStart, gate: &watch::Sender<Shut>) -> Result<String, Error> {
    match on_start {
        OnStart::Upgrade => {
            let gate = gate.clone();
            let options = Options::default().on_event(move |event| {
                if let Some(why) = reason(event) {
                    gate.send_replace(Some(why));
                }
            });
            Ok(migrations::MIGRATIONS.with(options).upgrade(database).await?.to_string())
        }
        OnStart::Wait => {
            let verdict = migrations::wait_until_current(database, PATIENCE).await?;
            Ok(format!("brought up by somebody else: {verdict:?}"))
        }
    }
}

/// What to tell of an upgrade under way; all of it is in the log already, by `tracing`.
fn reason(event: &Event) -> Option<String> {
    match event {
        Event::Started { revision, summary, n, of, .. } => Some(format!("upgrading: {revision} {summary} ({n}/{of})")),
        Event::Waiting { holder: Some(holder), .. } => Some(format!("waiting for an upgrade: {holder} has the lock")),
        Event::Waiting { holder: None, .. } => Some("waiting for an upgrade by another process".to_owned()),
        Event::Blocked { blockers, .. } => {
            let pids: Vec<String> = blockers.iter().map(|blocker| blocker.pid.to_string()).collect();
            Some(format!("upgrading: other sessions' locks are in the way, pid {}", pids.join(", ")))
        }
        _ => None,
    }
}
