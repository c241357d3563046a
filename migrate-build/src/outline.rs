//! A history by its folder names and headers alone: enough to add to it while its scripts are still being written.

use std::path::Path;

use migrate_runtime::graph::{Graph, GraphError, Node};
use migrate_runtime::table::Migration;

use crate::Result;
use crate::crates::Crates;
use crate::header::Header;
use crate::lineage::{self, Heads, node};
use crate::name::FolderName;
use crate::problem::Problems;
use crate::revision::Draft;
use crate::source::Extent;
use crate::{revision, source};

/// The revisions of a folder, whose scripts may be unfinished and whose heads may be several.
#[derive(Clone, Debug)]
pub struct Outline {
    revisions: Vec<(FolderName, Header)>,
}

impl Outline {
    /// Reads the folder `dir`, which is called `shown` in what is printed.
    ///
    /// # Errors
    ///
    /// What is wrong with names, headers and parents; when a header is wrong, everything that is wrong with the files.
    pub fn read(dir: &Path, shown: &Path) -> Result<Self> {
        // A folder that is in order is read by its headers alone; what is wrong with another is told of all its files.
        let mut problems = Vec::new();
        let source = source::read(dir, shown, Extent::Headers, &mut problems);
        let drafts: Vec<_> =
            source.folders.into_iter().map(|folder| revision::read_header(folder, &mut problems)).collect();
        lineage::check(&drafts, &source.lost_ids, Heads::Any, shown, &mut problems);
        if problems.is_empty() { Ok(Self::of(drafts)) } else { Self::read_whole(dir, shown) }
    }

    fn read_whole(dir: &Path, shown: &Path) -> Result<Self> {
        let mut problems = Vec::new();
        let source = source::read(dir, shown, Extent::Whole, &mut problems);
        let mut in_files = Vec::new();
        let drafts: Vec<_> = source.folders.into_iter().map(|folder| revision::read(folder, &mut in_files)).collect();
        if !drafts.iter().all(|draft| draft.header_in_order) {
            problems.append(&mut in_files);
        }
        lineage::check(&drafts, &source.lost_ids, Heads::Any, shown, &mut problems);
        Problems::none_of(problems)?;
        Ok(Self::of(drafts))
    }

    fn of(drafts: Vec<Draft>) -> Self {
        let revisions = drafts.into_iter().map(|draft| (draft.name, draft.header.parsed.header));
        Self { revisions: revisions.collect() }
    }

    /// The graph of these revisions.
    #[must_use]
    pub fn graph(&self) -> Graph<'_> {
        match Graph::new(self.revisions.iter().map(|(name, header)| Self::node(name, header)).collect()) {
            Ok(graph) => graph,
            Err(errors) => unreachable!("the outline was checked when it was read: {errors:?}"),
        }
    }

    /// The graph of these revisions and those of the crates that the package includes.
    ///
    /// # Errors
    ///
    /// A dependency on a crate that is not among them, or on a revision that it does not have.
    pub fn graph_with(&self, crates: &Crates) -> Result<Graph<'_>, Vec<GraphError>> {
        let mut nodes: Vec<Node<'_>> = crates.together().iter().map(Migration::node).collect();
        for (name, header) in &self.revisions {
            let mut node = node(name, header);
            let others = header.depends_on.iter().filter(|name| lineage::crate_of(name).is_some());
            node.depends_on.extend(others.map(|name| crates.revision(name).unwrap_or(name)));
            nodes.push(node);
        }
        Graph::new(nodes)
    }

    /// The names and headers of the revisions, in no order.
    pub fn headers(&self) -> impl Iterator<Item = (&FolderName, &Header)> {
        self.revisions.iter().map(|(name, header)| (name, header))
    }

    /// The node that a revision with this name and header is in a graph.
    #[must_use]
    pub fn node<'a>(name: &'a FolderName, header: &'a Header) -> Node<'a> {
        node(name, header)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn scripts_may_be_unfinished_but_headers_may_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        };
        let read = || Outline::read(folder.path(), Path::new("migrations"));
        write(".gitkeep", "");
        write("1_a/up.sql", "\u{feff}--! A\r\n--!\r\n--! parent: base\r\n");
        write("1_a/down.sql", "");
        write("2_b/migration.rs", "//! B\n//!\n//! parent: 1\n");
        let outline = read().expect("an outline");
        assert_eq!(outline.graph().heads().iter().map(|head| head.id).collect::<Vec<_>>(), ["2"]);
        for (name, text, said) in [
            ("3_c/up.sql", "SELECT 1;", "3_c/up.sql:1:1: "),
            ("3_c/up.sql", "--! C\n--!\n--! parent: 7\n", "unknown parent `7`"),
            ("x/y", "", "migrations/x"),
        ] {
            write(name, text);
            let report = read().expect_err(name).to_string();
            assert!(report.contains(said), "{report}");
            let top = folder.path().join(name.split('/').next().expect("a folder"));
            fs::remove_dir_all(top).expect("removed");
        }
    }
}
