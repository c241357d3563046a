//! The table of a package's revisions.

use std::collections::BTreeSet;

use crate::composition::Composition;
use crate::graph::{Graph, GraphError};
use crate::migration::Migration;

/// The revisions of one package, parents first, and those of the crates that it includes: what the build compiles and the
/// executor runs.
#[derive(Clone, Copy, Debug)]
pub struct Migrations {
    package: &'static str,
    own: &'static [Migration],
    composition: Option<&'static Composition>,
}

impl Migrations {
    /// The table of `package`, whose name keys the rows in the version table.
    #[must_use]
    pub const fn new(package: &'static str, list: &'static [Migration]) -> Self {
        Self { package, own: list, composition: None }
    }

    /// The same with the revisions of other crates, which keep the keys of their packages.
    #[must_use]
    pub const fn including(mut self, composition: &'static Composition) -> Self {
        self.composition = Some(composition);
        self
    }

    /// The package's name.
    #[must_use]
    pub const fn package(&self) -> &'static str {
        self.package
    }

    /// The revisions, those of other crates first, and parents before their children.
    #[must_use]
    pub fn list(&self) -> &'static [Migration] {
        match self.composition {
            None => self.own,
            Some(composition) => composition.together(self.package, self.own),
        }
    }

    /// The package and those of its included crates: whose rows these are.
    #[must_use]
    pub fn packages(&self) -> BTreeSet<&'static str> {
        let included = self.composition.map(Composition::packages).unwrap_or_default();
        included.into_iter().chain([self.package]).collect()
    }

    /// The revision with this id; one of another crate is asked for with its package, as `auth::20260801090000`.
    #[must_use]
    pub fn migration(&self, id: &str) -> Option<&'static Migration> {
        self.list().iter().find(|migration| migration.id() == id)
    }

    /// The revision graph.
    ///
    /// # Errors
    ///
    /// What is wrong with a table that was not made by the build, which checks it; and of composed tables, what the build
    /// of one cannot see.
    pub fn graph(&self) -> Result<Graph<'static>, Vec<GraphError>> {
        Graph::new(self.list().iter().map(Migration::node).collect())
    }
}
