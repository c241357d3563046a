//! The gate before the routes that need the database: shut until the database has been brought up.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::watch;

/// Why the gate is shut; nothing once it is open.
pub(crate) type Shut = Option<String>;

/// Lets a request through, or tells it to come again.
pub(crate) async fn guard(State(gate): State<watch::Receiver<Shut>>, request: Request, next: Next) -> Response {
    let is_open = gate.borrow().is_none();
    if is_open { next.run(request).await } else { later() }
}

/// The answer while the database cannot be used. Why it cannot is no client's business.
pub(crate) fn later() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], "not ready\n").into_response()
}
