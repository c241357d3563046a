//! The files and the database side by side, read and not changed.

use std::collections::BTreeSet;

use migrate_runtime::Migrations;
use migrate_runtime::graph::Graph;
use migrate_runtime::state::State;

use crate::interrupt::Sessions;
use crate::invocation::Invocation;
use crate::report::{Failure, Kind};
use crate::run;

/// What was read, and from where.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) state: State,
    /// The database URL without its password.
    pub(crate) database: String,
}

impl Survey {
    /// Reads the version table alone: the rows say enough to tell where the database is.
    pub(crate) fn of_rows(invocation: &Invocation) -> Result<Self, Failure> {
        let project = invocation.project()?;
        // It lives as long as the process, as it does in a binary that was compiled with it.
        Self::of(invocation, project.crates()?.included_by(project.package.clone().leak(), &[]))
    }

    /// The applied revisions, all of which must be in the files.
    pub(crate) fn applied_and_known(&self, graph: &Graph<'_>) -> Result<BTreeSet<&str>, Failure> {
        let applied = self.state.applied();
        let unknown: Vec<&str> = applied.iter().copied().filter(|id| graph.node(id).is_none()).collect();
        if unknown.is_empty() {
            return Ok(applied);
        }
        let message = format!("the database has {}, not in the files", unknown.join(", "));
        Err(Failure::new(Kind::Ahead, message)
            .help("check out the branch or release that has those files; `cargo migrate current` shows their rows"))
    }

    /// Reads the version table, for the revisions of a package that are in order.
    pub(crate) fn of(invocation: &Invocation, migrations: Migrations) -> Result<Self, Failure> {
        let migrator = migrations.with(run::options_of(invocation.project()?)?);
        run::on_database(invocation, async |journey| {
            let state = journey.on_database(&Sessions::new(), async |connect| migrator.state(&connect).await).await?;
            Ok(Self { state, database: journey.dsn.shown.clone() })
        })
    }
}
