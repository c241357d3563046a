//! The files and the database side by side, read and not changed.

use migrate_build::History;
use migrate_runtime::state::State;
use migrate_runtime::{Migrations, Options};

use crate::database::Dsn;
use crate::invocation::Invocation;
use crate::online::Sessions;
use crate::report::Failure;
use crate::{online, refusal};

/// What was read, and from where.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) state: State,
    /// The database URL without its password.
    pub(crate) database: String,
}

impl Survey {
    /// Reads the version table, for the revisions of a package that are in order.
    pub(crate) fn make(invocation: &Invocation, history: &History) -> Result<Self, Failure> {
        Self::of(invocation, history.table(&invocation.project()?.package))
    }

    /// Reads the version table alone: the rows say enough to tell where the database is.
    pub(crate) fn of_rows(invocation: &Invocation) -> Result<Self, Failure> {
        let package = invocation.project()?.package.clone();
        // The name lives as long as the process, as it does in a binary that was compiled with it.
        Self::of(invocation, Migrations::new(package.leak(), &[]))
    }

    fn of(invocation: &Invocation, migrations: Migrations) -> Result<Self, Failure> {
        let project = invocation.project()?;
        let dsn = Dsn::find(invocation, project)?;
        let state = online::run(&dsn, &Sessions::new(), async |connect| {
            let state = migrations.with(Options::default()).state(&connect).await;
            state.map_err(|error| refusal::of(&error, project, &dsn))
        })?;
        Ok(Self { state, database: dsn.shown })
    }
}
