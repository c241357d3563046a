//! A migrations folder, read and checked.

use std::collections::HashMap;
use std::path::Path;

use migrate_runtime::Migrations;
use migrate_runtime::graph::Graph;

use crate::Result;
use crate::crates::Crates;
use crate::lineage::{self, Heads, node};
use crate::problem::Problems;
use crate::revision::{self, RevisionFiles};
use crate::source::Extent;
use crate::{source, table};

/// The revisions of a folder; one that exists is in order.
#[derive(Clone, Debug)]
pub struct History {
    revisions: Vec<RevisionFiles>,
    crates: Crates,
}

impl History {
    /// Reads the folder `dir`, which is called `shown` in what is printed; its revisions may depend on those of `crates`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the folder and its files.
    pub fn read(dir: &Path, shown: &Path, crates: &Crates) -> Result<Self> {
        Self::read_with(dir, shown, crates, Heads::Checked)
    }

    /// Reads a folder in which there may be several heads that no branch label tells apart.
    ///
    /// # Errors
    ///
    /// Everything else that is wrong with the folder and its files.
    pub fn read_forked(dir: &Path, shown: &Path, crates: &Crates) -> Result<Self> {
        Self::read_with(dir, shown, crates, Heads::Any)
    }

    fn read_with(dir: &Path, shown: &Path, crates: &Crates, heads: Heads) -> Result<Self> {
        let mut problems = Vec::new();
        let source = source::read(dir, shown, Extent::Whole, &mut problems);
        let drafts: Vec<_> = source.folders.into_iter().map(|folder| revision::read(folder, &mut problems)).collect();
        lineage::check(&drafts, &source.lost_ids, heads, shown, &mut problems);
        crates.check(&drafts, &mut problems);
        Problems::none_of(problems)?;
        let revisions = drafts.into_iter().filter_map(|draft| draft.files).collect();
        let mut history = Self { revisions, crates: crates.clone() };
        history.settle();
        Ok(history)
    }

    /// Parents first, on every machine in one order, and each with the ids of what it depends on.
    fn settle(&mut self) {
        let graph = self.graph();
        let owned = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect();
        let places: HashMap<String, (usize, Vec<String>)> = (graph.nodes().iter().enumerate())
            .map(|(n, node)| (node.id.to_owned(), (n, owned(graph.dependencies(node.id)))))
            .collect();
        for revision in &mut self.revisions {
            if let Some((_, dependencies)) = places.get(revision.id()) {
                revision.depend_on(dependencies);
            }
        }
        self.revisions.sort_by_key(|revision| places.get(revision.id()).map(|(n, _)| *n));
    }

    /// The revisions, parents first.
    #[must_use]
    pub fn revisions(&self) -> &[RevisionFiles] {
        &self.revisions
    }

    /// The revision with this id.
    #[must_use]
    pub fn revision(&self, id: &str) -> Option<&RevisionFiles> {
        self.revisions.iter().find(|revision| revision.id() == id)
    }

    /// The graph of the folder's own revisions.
    #[must_use]
    pub fn graph(&self) -> Graph<'_> {
        let nodes = self.revisions.iter().map(|revision| node(revision.name(), revision.header()));
        match Graph::new(nodes.collect()) {
            Ok(graph) => graph,
            Err(errors) => unreachable!("the folder was checked when it was read: {errors:?}"),
        }
    }

    /// The executor's table, with the rows of `package` and those of the included crates.
    ///
    /// Its text lives as long as the process, as it does in a binary that was compiled with it. Rust files are named in
    /// it but cannot be run.
    #[must_use]
    pub fn table(&self, package: &str) -> Migrations {
        table::of(&self.revisions, package, &self.crates)
    }
}
