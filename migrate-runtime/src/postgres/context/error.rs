//! Calls on a context that failed, with their lines.

use std::error::Error;
use std::fmt;
use std::panic::Location;

use crate::postgres::batches::error as batches;
use crate::postgres::message::said;

/// The line of the call on a [`Context`](crate::Context) that failed, where it is such a call.
pub(crate) fn line_of(error: &(dyn Error + 'static)) -> Option<u32> {
    let executed = error.downcast_ref::<ExecuteError>().map(|error| error.location);
    let location = executed
        .or_else(|| error.downcast_ref::<OfflineError>().map(|error| error.location))
        .or_else(|| batches::find(error).and_then(|error| error.location));
    location.map(Location::line)
}

/// What the driver reported, where an error of a revision is or has that.
pub(crate) fn sqlx_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e sqlx::Error> {
    let executed = error.downcast_ref::<ExecuteError>().map(|error| &error.source);
    executed
        .or_else(|| batches::find(error).and_then(batches::BatchError::sqlx))
        .or_else(|| error.downcast_ref::<sqlx::Error>())
}

/// A failed `Context::execute`, with the place of the call.
#[derive(Debug)]
pub(crate) struct ExecuteError {
    pub(crate) location: &'static Location<'static>,
    pub(crate) source: sqlx::Error,
}

impl fmt::Display for ExecuteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&said(&self.source))
    }
}

impl Error for ExecuteError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

/// A call in offline mode that needs a connection, with the place of the call.
#[derive(Debug, thiserror::Error)]
#[error("it {act}, and in offline mode there is none; use `cx.execute`, or ask `cx.is_offline()` first")]
pub(crate) struct OfflineError {
    pub(crate) location: &'static Location<'static>,
    /// What it does with a connection.
    pub(crate) act: &'static str,
}
