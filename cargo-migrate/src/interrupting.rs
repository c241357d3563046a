//! Work that leaves nothing behind when a signal ends it.

use std::future::Future;

use crate::interrupt;
use crate::report::{Failure, Kind};

/// Runs the work to its end, or until Ctrl-C or SIGTERM: then it is dropped, and all that it has made removed by that.
pub(crate) async fn unless_interrupted<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::select! {
        // First, so that signals are listened to before anything is made.
        biased;
        signal = interrupt::signalled() => {
            let signal = signal.map_err(|error| Failure::new(Kind::Io, format!("could not listen for signals: {error}")))?;
            Err(Failure::new(Kind::Interrupted(signal), "interrupted: what was made for this run is removed"))
        }
        done = work => done,
    }
}
