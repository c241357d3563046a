//! Why batches stopped.

use std::error::Error;
use std::fmt;
use std::panic::Location;

use crate::postgres::message::said;

/// Batches that stopped, with the place of the call.
#[derive(Debug)]
pub(crate) struct BatchError {
    /// None where the call is missing.
    pub(crate) location: Option<&'static Location<'static>>,
    pub(crate) kind: Kind,
}

/// What stopped them.
#[derive(Debug)]
pub(crate) enum Kind {
    /// The server said so, after so many rows.
    Said {
        rows: u64,
        source: sqlx::Error,
    },
    /// The connection broke: the record tells what was done.
    Lost {
        source: sqlx::Error,
    },
    LockLost,
    TransactionOpen,
    /// The record is not as this run left it.
    Moved,
    /// The statement has another number of parameters than it is given.
    Parameters {
        expected: usize,
        found: usize,
    },
    /// Call `n`, from 1, is not the one that an earlier run has made.
    Changed {
        n: usize,
        rows: u64,
    },
    /// The function has ended without a call that was begun before.
    Missing {
        n_calls: usize,
        n_recorded: usize,
    },
    InHook,
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Said { rows, source } => write!(f, "the batch after {rows} rows: {}", said(source)),
            Kind::Lost { source } => write!(f, "the connection broke during a batch: {}", said(source)),
            Kind::LockLost => f.write_str(
                "this session does not hold the migration lock any more, as a pooler may have given it to somebody else; \
                 the batch under way was not done",
            ),
            Kind::TransactionOpen => f.write_str(
                "each batch is a transaction of its own, and one is open that the function has begun; commit it first",
            ),
            Kind::Moved => f.write_str(
                "somebody else has changed the revision's row since this run wrote it; the batch under way was not done",
            ),
            Kind::Parameters { expected: 1, found } => write!(
                f,
                "the statement has {found} parameters instead of one: `$1` is how many rows a batch may take, as in \
                 `… WHERE id IN (SELECT id FROM t WHERE … LIMIT $1)`"
            ),
            Kind::Parameters { expected, found } => write!(
                f,
                "the statement has {found} parameters instead of {expected}: the first key of a batch and the last, as in \
                 `… WHERE id BETWEEN $1 AND $2`"
            ),
            Kind::Changed { n, rows } => write!(
                f,
                "call {n} of `batches` is not the one that an earlier run has begun, and done {rows} rows of: it cannot go \
                 on in its place; restore its statement, or begin anew in another revision"
            ),
            Kind::Missing { n_calls, n_recorded } => write!(
                f,
                "the function was cut off in call {n_recorded} of `batches`, and has ended now after {n_calls}; restore \
                 what is missing"
            ),
            Kind::InHook => f.write_str(
                "a hook around a revision without a transaction cannot work in batches: what is recorded are those of \
                 the revision",
            ),
        }
    }
}

impl Error for BatchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.sqlx().map(|source| source as _)
    }
}

impl BatchError {
    /// What the driver reported, if it did.
    pub(crate) fn sqlx(&self) -> Option<&sqlx::Error> {
        match &self.kind {
            Kind::Said { source, .. } | Kind::Lost { source } => Some(source),
            _ => None,
        }
    }
}

/// The batches that an error is about, also where it was wrapped into another.
pub(crate) fn find<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e BatchError> {
    let mut error = Some(error);
    while let Some(this) = error {
        if let Some(found) = this.downcast_ref() {
            return Some(found);
        }
        error = this.source();
    }
    None
}
