//! Revisions as the verbs that look at the graph list them: lines for people, drawn or not, and documents for programs.

pub(crate) mod drawing;
mod text;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use migrate_build::Outline;
use migrate_build::header::Header;
use migrate_runtime::graph::Graph;
use migrate_runtime::state::AppliedRevision;
use serde::Serialize;

use crate::shell::Shell;

/// The revisions of a project by their names and headers: scripts may be unfinished.
#[derive(Debug)]
pub(crate) struct Listing<'o> {
    pub(crate) graph: Graph<'o>,
    headers: HashMap<&'o str, &'o Header>,
    branches: HashMap<&'o str, Vec<&'o str>>,
    /// The migrations folder, as it is shown.
    shown: &'o Path,
}

/// A revision in a list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry<'l> {
    pub(crate) revision: &'l str,
    pub(crate) slug: Option<&'l str>,
    pub(crate) summary: &'l str,
    pub(crate) parents: Vec<&'l str>,
    /// As the header has them: ids, or branch labels.
    pub(crate) depends_on: Vec<&'l str>,
    /// The labels that its header gives.
    pub(crate) labels: Vec<&'l str>,
    /// The labels of all branches that it is on.
    pub(crate) branches: Vec<&'l str>,
    /// The revisions that have it as a parent.
    pub(crate) children: Vec<&'l str>,
    /// Whether no revision of the files has it as a parent.
    pub(crate) head: bool,
    /// Whether it is such a head and something depends on it all the same.
    pub(crate) effective_head: bool,
    /// Whether it is applied; absent when the database was not asked, as `current` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) applied: Option<bool>,
    /// Whether it is a current head of the database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) current: Option<bool>,
    /// Its folder; none when the files do not have it.
    pub(crate) folder: Option<String>,
}

impl<'o> Listing<'o> {
    /// The revisions of an outline, in a folder that is called `shown`.
    pub(crate) fn of(outline: &'o Outline, shown: &'o Path) -> Self {
        let graph = outline.graph();
        let headers = outline.headers().map(|(name, header)| (name.id(), header)).collect();
        Self { branches: graph.branches(), graph, headers, shown }
    }

    /// The revisions with these ids, in their order; all of them are known.
    pub(crate) fn entries<'i>(&self, ids: impl IntoIterator<Item = &'i str>) -> Vec<Entry<'_>> {
        ids.into_iter().filter_map(|id| self.entry(id)).collect()
    }

    /// The revision with this id, where the files have it.
    pub(crate) fn entry(&self, id: &str) -> Option<Entry<'_>> {
        let node = self.graph.node(id)?;
        let children = self.graph.children(node.id);
        Some(Entry {
            revision: node.id,
            slug: Some(node.slug),
            summary: self.headers.get(node.id).map_or("", |header| &header.summary),
            parents: node.parents.clone(),
            depends_on: node.depends_on.clone(),
            labels: node.labels.clone(),
            branches: self.branches.get(node.id).cloned().unwrap_or_default(),
            head: children.is_empty(),
            effective_head: self.graph.is_effective_head(node.id),
            children,
            applied: None,
            current: None,
            folder: Some(self.shown.join(format!("{}_{}", node.id, node.slug)).display().to_string()),
        })
    }
}

impl<'l> Entry<'l> {
    /// What a row says of a revision that the files do not have.
    pub(crate) fn of_row(row: &'l AppliedRevision) -> Self {
        fn texts(list: &[String]) -> Vec<&str> {
            list.iter().map(String::as_str).collect()
        }
        Self {
            revision: &row.revision,
            slug: None,
            summary: &row.summary,
            parents: texts(&row.parents),
            depends_on: texts(&row.depends_on),
            labels: Vec::new(),
            branches: Vec::new(),
            children: Vec::new(),
            head: false,
            effective_head: false,
            applied: None,
            current: None,
            folder: None,
        }
    }

    /// Notes where the database is.
    pub(crate) fn mark(&mut self, applied: &BTreeSet<&str>, current: &BTreeSet<&str>) {
        self.applied = Some(applied.contains(self.revision));
        self.current = Some(current.contains(self.revision));
    }
}

/// Prints revisions on their own: a line each, a block each with `-v`.
pub(crate) fn print(shell: &Shell, entries: &[Entry<'_>]) {
    if shell.verbosity() > 0 {
        print_blocks(shell, entries);
    } else {
        shell.lines(entries.iter().map(Entry::line));
    }
}

/// Prints every revision as a block, whatever `-v` says.
pub(crate) fn print_blocks(shell: &Shell, entries: &[Entry<'_>]) {
    // Blocks end with a blank line, and the last line ends itself.
    let blocks: String = entries.iter().map(|entry| entry.block() + "\n").collect();
    shell.lines(blocks.strip_suffix('\n'));
}
