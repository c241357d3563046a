//! Revisions as `heads`, `current` and `history` list them: Alembic's lines for people, documents for programs.

use migrate_build::RevisionFiles;
use serde::Serialize;

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
    pub(crate) fn of(revision: &RevisionFiles, head: bool) -> Self {
        let header = revision.header();
        Self {
            revision: revision.id().to_owned(),
            slug: Some(revision.slug().to_owned()),
            summary: header.summary.clone(),
            parents: header.parents.clone(),
            depends_on: header.depends_on.clone(),
            labels: header.branch_labels.clone(),
            head,
            current: None,
            folder: Some(revision.folder().display().to_string()),
        }
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
