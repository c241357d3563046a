//! Revisions as `heads`, `current` and `history` list them: Alembic's lines for people, documents for programs.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use crate::project::Project;
use crate::report::Failure;
use crate::shell::Shell;

/// A revision in a list.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) revision: String,
    pub(crate) slug: Option<String>,
    pub(crate) summary: String,
    pub(crate) parents: Vec<String>,
    pub(crate) depends_on: Vec<String>,
    pub(crate) labels: Vec<String>,
    /// Whether no revision of the files has it as a parent.
    pub(crate) head: bool,
    /// Whether it is a current head of the database; absent when the database was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) current: Option<bool>,
    /// Its folder; none when the files do not have it.
    pub(crate) folder: Option<String>,
}

impl Entry {
    /// The revisions of a project, parents first. Names and headers are enough for it: scripts may be unfinished.
    pub(crate) fn all(project: &Project) -> Result<Vec<Self>, Failure> {
        let outline = project.outline()?;
        let graph = outline.graph();
        let heads: BTreeSet<&str> = graph.heads().into_iter().map(|node| node.id).collect();
        let summaries: HashMap<&str, &str> =
            outline.headers().map(|(name, header)| (name.id(), header.summary.as_str())).collect();
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let entries = graph.nodes().iter().map(|node| Self {
            revision: node.id.to_owned(),
            slug: Some(node.slug.to_owned()),
            summary: (*summaries.get(node.id).unwrap_or(&"")).to_owned(),
            parents: owned(&node.parents),
            depends_on: owned(&node.depends_on),
            labels: owned(&node.labels),
            head: heads.contains(node.id),
            current: None,
            folder: Some(project.shown.join(format!("{}_{}", node.id, node.slug)).display().to_string()),
        });
        Ok(entries.collect())
    }

    /// `20261122101500 (sales) (head), Fill display names.`
    fn line(&self) -> String {
        let labels = match self.labels.as_slice() {
            [] => String::new(),
            labels => format!(" ({})", labels.join(", ")),
        };
        let merge = if self.parents.len() > 1 { " (merge)" } else { "" };
        let head = if self.head { " (head)" } else { "" };
        let current = if self.current == Some(true) { " (current)" } else { "" };
        format!("{}{labels}{merge}{head}{current}, {}", self.revision, self.summary)
    }

    fn came_from(&self) -> String {
        if self.parents.is_empty() { "base".to_owned() } else { self.parents.join(", ") }
    }

    fn details(&self) -> String {
        let mut lines = vec![format!("Revision: {}", self.line()), format!("Parent:   {}", self.came_from())];
        if !self.depends_on.is_empty() {
            lines.push(format!("Depends:  {}", self.depends_on.join(", ")));
        }
        lines.push(format!("Folder:   {}", self.folder.as_deref().unwrap_or("not in the files")));
        lines.join("\n") + "\n"
    }
}

/// Prints revisions on their own, as `heads` and `current` do.
pub(crate) fn print(shell: &Shell, entries: &[Entry]) {
    for entry in entries {
        shell.data(if shell.verbosity() > 0 { entry.details() } else { entry.line() });
    }
}

/// Prints revisions with where they come from, as `history` does.
pub(crate) fn print_lineage(shell: &Shell, entries: &[Entry]) {
    for entry in entries {
        let line = || format!("{} -> {}", entry.came_from(), entry.line());
        shell.data(if shell.verbosity() > 0 { entry.details() } else { line() });
    }
}
