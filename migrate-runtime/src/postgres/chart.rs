//! A table of revisions with its graph: what a run looks things up in.

use crate::graph::Graph;
use crate::migration::Migration;
use crate::migrations::Migrations;
use crate::postgres::error::Error;

/// Revisions, how they hang together, and what each is.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) graph: Graph<'static>,
    /// In the order of the graph.
    migrations: Vec<&'static Migration>,
}

impl Chart {
    /// Checks a table; one that the build has made is in order.
    pub(crate) fn of(table: &Migrations) -> Result<Self, Error> {
        let graph = table.graph().map_err(Error::Table)?;
        let mut migrations: Vec<&'static Migration> = table.list().iter().collect();
        migrations.sort_by_key(|migration| graph.position(migration.id()));
        Ok(Self { graph, migrations })
    }

    pub(crate) fn migration(&self, id: &str) -> Option<&'static Migration> {
        self.graph.position(id).map(|at| self.migrations[at])
    }
}
