//! The table of a package's revisions.

use crate::graph::{Graph, GraphError};
use crate::migration::Migration;

/// The revisions of one package, parents first: what the build compiles and the executor runs.
#[derive(Clone, Copy, Debug)]
pub struct Migrations {
    package: &'static str,
    list: &'static [Migration],
}

impl Migrations {
    /// The table of `package`, whose name keys the rows in the version table.
    #[must_use]
    pub const fn new(package: &'static str, list: &'static [Migration]) -> Self {
        Self { package, list }
    }

    /// The package's name.
    #[must_use]
    pub const fn package(&self) -> &'static str {
        self.package
    }

    /// The revisions, parents first.
    #[must_use]
    pub const fn list(&self) -> &'static [Migration] {
        self.list
    }

    /// The revision with this id.
    #[must_use]
    pub fn migration(&self, id: &str) -> Option<&'static Migration> {
        self.list.iter().find(|migration| migration.id() == id)
    }

    /// The revision graph.
    ///
    /// # Errors
    ///
    /// What is wrong with a table that was not made by the build, which checks it.
    pub fn graph(&self) -> Result<Graph<'static>, Vec<GraphError>> {
        Graph::new(self.list.iter().map(Migration::node).collect())
    }
}
