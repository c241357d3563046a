//! What runs asynchronous work.

use tokio::runtime::{Builder, Runtime};

use crate::report::{Failure, Kind};

/// Runs asynchronous work to its end, on this thread.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::new(Kind::Io, format!("could not start the asynchronous runtime: {error}")))
}
