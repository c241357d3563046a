//! The files and the database side by side, read and not changed.

use migrate_build::History;
use migrate_runtime::Options;
use migrate_runtime::state::State;

use crate::database::Dsn;
use crate::invocation::Invocation;
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
    /// Reads the version table.
    pub(crate) fn make(invocation: &Invocation, history: &History) -> Result<Self, Failure> {
        let project = invocation.project()?;
        let dsn = Dsn::find(invocation, project)?;
        let migrator = history.table(&project.package);
        let state = online::run(&dsn, async |connect| {
            let state = migrator.with(Options::default()).state(&connect).await;
            state.map_err(|error| refusal::of(&error, project, &dsn))
        })?;
        Ok(Self { state, database: dsn.shown })
    }
}
