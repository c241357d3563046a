//! A history by its folder names and headers alone: enough to add to it, while its scripts are still being written.

use std::fs;
use std::path::Path;

use migrate_build::RevisionFiles;
use migrate_build::header::{self, Header, Style};
use migrate_build::name::FolderName;
use migrate_runtime::graph::{Graph, GraphError, Node};

use crate::project::Project;
use crate::report::Failure;

/// The revisions of a folder, whose scripts may be unfinished.
#[derive(Clone, Debug)]
pub(crate) struct Outline {
    revisions: Vec<(FolderName, Header)>,
}

impl Outline {
    /// Reads the folder.
    ///
    /// Where names, headers or the graph are not in order, the failure is that of the whole check.
    pub(crate) fn read(project: &Project) -> Result<Self, Failure> {
        match project.forked_history() {
            Ok(history) => {
                let outline = |revision: &RevisionFiles| {
                    let name = FolderName::parse(&format!("{}_{}", revision.id(), revision.slug()));
                    name.ok().map(|name| (name, revision.header().clone()))
                };
                Ok(Self { revisions: history.revisions().iter().filter_map(outline).collect() })
            }
            Err(failure) => Self::of_headers(&project.dir).ok_or(failure),
        }
    }

    /// The revision graph.
    pub(crate) fn graph(&self) -> Graph<'_> {
        match self.try_graph() {
            Ok(graph) => graph,
            Err(errors) => unreachable!("the outline was checked when it was read: {errors:?}"),
        }
    }

    fn try_graph(&self) -> Result<Graph<'_>, Vec<GraphError>> {
        Graph::new(self.revisions.iter().map(|(name, header)| node(name, header)).collect())
    }

    fn of_headers(dir: &Path) -> Option<Self> {
        let mut revisions = Vec::new();
        for entry in fs::read_dir(dir).ok()? {
            let path = entry.ok()?.path();
            let file_name = path.file_name()?.to_str()?;
            if file_name.starts_with('.') || !path.is_dir() {
                continue;
            }
            let (file, style) = match path.join("up.sql") {
                sql if sql.is_file() => (sql, Style::Sql),
                _ => (path.join("migration.rs"), Style::Rust),
            };
            let text = fs::read_to_string(file).ok()?;
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n");
            revisions.push((FolderName::parse(file_name).ok()?, header::parse(&text, style).ok()?.header));
        }
        Some(Self { revisions }).filter(|outline| outline.try_graph().is_ok())
    }
}

/// A revision as the graph sees it.
pub(crate) fn node<'a>(name: &'a FolderName, header: &'a Header) -> Node<'a> {
    Node {
        id: name.id(),
        slug: name.slug(),
        parents: header.parents.iter().map(String::as_str).collect(),
        depends_on: header.depends_on.iter().map(String::as_str).collect(),
        labels: header.branch_labels.iter().map(String::as_str).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_may_be_unfinished_but_headers_may_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        };
        write(".gitkeep", "");
        write(".new-1/9_x/up.sql", "");
        write("1_a/up.sql", "\u{feff}--! A\r\n--!\r\n--! parent: base\r\n");
        write("2_b/migration.rs", "//! B\n//!\n//! parent: 1\n");
        let outline = Outline::of_headers(folder.path()).expect("an outline");
        assert_eq!(outline.graph().heads().iter().map(|head| head.id).collect::<Vec<_>>(), ["2"]);
        for (name, text) in [("3_c/up.sql", "SELECT 1;"), ("3_c/up.sql", "--! C\n--!\n--! parent: 7\n"), ("x/y", "")] {
            write(name, text);
            assert!(Outline::of_headers(folder.path()).is_none(), "{name}: {text}");
            let top = folder.path().join(name.split('/').next().expect("a folder"));
            fs::remove_dir_all(top).expect("removed");
        }
    }
}
