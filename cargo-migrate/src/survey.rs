//! The files and the database side by side, read and not changed.

use std::collections::BTreeSet;

use migrate_build::History;
use migrate_runtime::Migrations;
use migrate_runtime::graph::Graph;
use migrate_runtime::state::{AppliedRevision, State};

use crate::database::Dsn;
use crate::invocation::Invocation;
use crate::online::Sessions;
use crate::report::{Failure, Kind};
use crate::{online, refusal, run};

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

    /// The ids that `current` lists: of all applied revisions those without an applied child, in order. What is a child of
    /// which the files say, and the row where the files do not have the revision.
    pub(crate) fn current(&self, graph: &Graph<'_>) -> BTreeSet<&str> {
        let applied = self.state.applied();
        let is_unknown = |row: &&AppliedRevision| row.is_whole() && graph.node(&row.revision).is_none();
        let of_unknown = self.state.rows().iter().filter(is_unknown).flat_map(|row| &row.parents);
        // Of a revision that is gone the files no longer say what is its child.
        let unknown = self.state.rows().iter().flat_map(|row| &row.parents).filter(|id| graph.node(id).is_none());
        let covered: BTreeSet<&str> = of_unknown.chain(unknown).map(String::as_str).collect();
        let known: BTreeSet<&str> = graph.current_heads(&applied).into_iter().collect();
        applied
            .into_iter()
            .filter(|id| !covered.contains(id))
            .filter(|id| graph.node(id).is_none() || known.contains(id))
            .collect()
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

    fn of(invocation: &Invocation, migrations: Migrations) -> Result<Self, Failure> {
        let project = invocation.project()?;
        let dsn = Dsn::find(invocation, project)?;
        let options = run::options_of(project)?;
        let state = online::run(&dsn, &Sessions::new(), async |connect| {
            let state = migrations.with(options).state(&connect).await;
            state.map_err(|error| refusal::of(&error, project, &dsn))
        })?;
        Ok(Self { state, database: dsn.shown })
    }
}
