//! Calls into the application around each step, with the step's connection.

use std::fmt;
use std::sync::Arc;

use crate::plan::Direction;
use crate::postgres::context::{Context, RevisionFuture};

/// When a hook is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// Before the revision's script or function, inside its transaction, when it has one.
    Before,
    /// After it and before the commit. Where there is no transaction the step is recorded already, and a run that is cut
    /// off in between does not call it.
    After,
}

/// The step that a hook is called around.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moment {
    /// Before or after.
    pub when: When,
    /// Which way.
    pub direction: Direction,
    /// The id of the revision.
    pub revision: String,
    /// One sentence on what it does.
    pub summary: String,
}

type Call = dyn for<'c, 'conn> Fn(Moment, &'c mut Context<'conn>) -> RevisionFuture<'c> + Send + Sync;

/// A hook, as it is kept.
#[derive(Clone)]
pub(crate) struct Hook(Arc<Call>);

impl Hook {
    pub(crate) fn new(
        call: impl for<'c, 'conn> Fn(Moment, &'c mut Context<'conn>) -> RevisionFuture<'c> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(call))
    }

    pub(crate) fn call<'c>(&self, moment: Moment, context: &'c mut Context<'_>) -> RevisionFuture<'c> {
        (self.0)(moment, context)
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}
