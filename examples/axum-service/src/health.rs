//! What an orchestrator asks: whether the process is alive, and whether it should get requests.

use crate::gate::Shut;
use crate::migrations;
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use migrate_runtime::Verdict;
use serde::Serialize;
use sqlx::postgres::PgConnectOptions;
use std::time::Duration;
use tokio::sync::watch;

/// An orchestrator gives up soon, and learns no reason then.
const LIMIT: Duration = Duration::from_millis(900);

/// What readiness depends on.
#[derive(Clone)]
pub(crate) struct Health {
    /// A connection of its own for each question: when the pool is busy or its server away, the answer must not wait.
    pub(crate) database: PgConnectOptions,
    pub(crate) gate: watch::Receiver<Shut>,
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    reason: String,
}

/// The routes.
pub(crate) fn routes(health: Health) -> Router {
    Router::new().route("/live", get(async || "alive\n")).route("/ready", get(ready)).with_state(health)
}

async fn ready(State(health): State<Health>) -> (StatusCode, Json<Readiness>) {
    let (ready, reason) = match standing(&health).await {
        Ok(reason) => (true, reason),
        Err(reason) => (false, reason),
    };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, reason }))
}

/// Why the service is ready, or why it is not. Neither holds a password: the messages name no URL.
async fn standing(health: &Health) -> Result<String, String> {
    // What the start is waiting for says more than what is missing.
    if let Some(why) = health.gate.borrow().clone() {
        return Err(why);
    }
    let verified = tokio::time::timeout(LIMIT, migrations::verify(&health.database)).await;
    let verdict = verified.map_err(|_| "the database does not answer")?.map_err(|error| error.to_string())?;
    match verdict {
        Verdict::UpToDate => Ok("the database is current".to_owned()),
        Verdict::Ahead { unknown } => Ok(format!("a newer release has applied {}", unknown.join(", "))),
        Verdict::Pending { revisions } => Err(format!("the database lacks {}", revisions.join(", "))),
        Verdict::Diverged { unknown, pending } => Err(format!(
            "the database has another history: it lacks {}, and has {}",
            pending.join(", "),
            unknown.join(", ")
        )),
        // A verdict of a later release of the library is none that this program was written for.
        other => Err(format!("{other:?}")),
    }
}
