//! Revisions as the verbs that look at the graph list them: lines for people, drawn or not, and documents for programs.

mod text;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use serde::Serialize;

use crate::Target;
use crate::graph::{Graph, Qualified};
use crate::state::{AppliedRevision, State};
use crate::terminal::refusal;
use crate::terminal::report::{Failure, Kind};
use crate::terminal::shell::Shell;

/// Revisions by their names and headers.
#[derive(Debug)]
pub struct Listing<'o> {
    /// How they follow each other.
    pub graph: Graph<'o>,
    summaries: HashMap<&'o str, &'o str>,
    branches: HashMap<&'o str, Vec<&'o str>>,
    /// The migrations folder, as it is shown.
    shown: &'o Path,
}

/// A revision in a list.
#[derive(Clone, Debug, Serialize)]
pub struct Entry<'l> {
    /// The id.
    pub revision: &'l str,
    /// What follows the id in the name of its folder.
    pub slug: Option<&'l str>,
    /// What it does, in a line.
    pub summary: &'l str,
    /// The revisions that it follows.
    pub parents: Vec<&'l str>,
    /// As the header has them: ids, or branch labels.
    pub depends_on: Vec<&'l str>,
    /// The labels that its header gives.
    pub labels: Vec<&'l str>,
    /// The labels of all branches that it is on.
    pub branches: Vec<&'l str>,
    /// The revisions that have it as a parent.
    pub children: Vec<&'l str>,
    /// Whether no revision of the files has it as a parent.
    pub head: bool,
    /// Whether it is such a head and something depends on it all the same.
    pub effective_head: bool,
    /// Whether it is applied; absent when the database was not asked, as `current` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied: Option<bool>,
    /// Whether it is a current head of the database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<bool>,
    /// Its folder; none when the files do not have it, and for a revision of another crate.
    pub folder: Option<String>,
}

impl<'o> Listing<'o> {
    /// The revisions of a graph with their summaries, in a folder that is called `shown`.
    #[must_use]
    pub fn new(graph: Graph<'o>, summaries: HashMap<&'o str, &'o str>, shown: &'o Path) -> Self {
        Self { branches: graph.branches(), graph, summaries, shown }
    }

    /// The revisions with these ids, in their order; all of them are known.
    pub fn entries<'i>(&self, ids: impl IntoIterator<Item = &'i str>) -> Vec<Entry<'_>> {
        ids.into_iter().filter_map(|id| self.entry(id)).collect()
    }

    /// The revision with this id, where the files have it.
    pub fn entry(&self, id: &str) -> Option<Entry<'_>> {
        let node = self.graph.node(id)?;
        let children = self.graph.children(node.id);
        Some(Entry {
            revision: node.id,
            slug: Some(node.slug),
            summary: self.summaries.get(node.id).copied().unwrap_or_default(),
            parents: node.parents.clone(),
            depends_on: node.depends_on.clone(),
            labels: node.labels.clone(),
            branches: self.branches.get(node.id).cloned().unwrap_or_default(),
            head: children.is_empty(),
            effective_head: self.graph.is_effective_head(node.id),
            children,
            applied: None,
            current: None,
            folder: Qualified::of(node.id)
                .package
                .is_none()
                .then(|| self.shown.join(format!("{}_{}", node.id, node.slug)).display().to_string()),
        })
    }
}

impl<'l> Entry<'l> {
    /// What a row says of a revision that the files do not have.
    pub fn of_row(row: &'l AppliedRevision) -> Self {
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
    pub fn mark(&mut self, applied: &BTreeSet<&str>, current: &BTreeSet<&str>) {
        self.applied = Some(applied.contains(self.revision));
        self.current = Some(current.contains(self.revision));
    }
}

/// The ids that `current` lists: of all applied revisions those without an applied child, in order. What is a child of which
/// the files say, and the row where the files do not have the revision.
#[must_use]
pub fn current<'s>(state: &'s State, graph: &Graph<'_>) -> BTreeSet<&'s str> {
    let applied = state.applied();
    let is_unknown = |row: &&AppliedRevision| row.is_whole() && graph.node(&row.revision).is_none();
    let of_unknown = state.rows().iter().filter(is_unknown).flat_map(|row| &row.parents);
    // Of a revision that is gone the files no longer say what is its child.
    let unknown = state.rows().iter().flat_map(|row| &row.parents).filter(|id| graph.node(id).is_none());
    let covered: BTreeSet<&str> = of_unknown.chain(unknown).map(String::as_str).collect();
    let known: BTreeSet<&str> = graph.current_heads(&applied).into_iter().collect();
    applied
        .into_iter()
        .filter(|id| !covered.contains(id))
        .filter(|id| graph.node(id).is_none() || known.contains(id))
        .collect()
}

/// Refuses a database that is not at the heads.
///
/// # Errors
///
/// How it stands instead.
pub fn check_heads(state: &State, graph: &Graph<'_>) -> Result<(), Failure> {
    let found = |message: String| Err(Failure::new(Kind::Found, message));
    let applied = state.applied();
    // What others were built on is behind, and not ahead, whether its file is there or not.
    let below: BTreeSet<&str> = state.rows().iter().flat_map(|row| &row.parents).map(String::as_str).collect();
    let is_ahead = |id: &&str| graph.node(id).is_none() && !below.contains(id);
    let ahead: Vec<&str> = applied.iter().copied().filter(is_ahead).collect();
    let plan = graph.plan_upgrade(&applied, &Target::heads()).map_err(|error| refusal::plan(&error))?;
    match (plan.steps.len(), &ahead[..]) {
        (0, []) => Ok(()),
        (0, ahead) => found(format!("the database is past the heads: it has {}", ahead.join(", ")))
            .map_err(|failure| failure.help("a newer release was here; use its files")),
        (n_steps, _) => found(format!(
            "the database is not at the heads: {n_steps} of {} revisions not applied",
            graph.nodes().len()
        ))
        .map_err(|failure| failure.help("`cargo migrate status` says what to do about it")),
    }
}

/// Prints revisions on their own: a line each, a block each with `-v`.
pub fn print(shell: &Shell, entries: &[Entry<'_>]) {
    if shell.verbosity() > 0 {
        print_blocks(shell, entries);
    } else {
        shell.lines(entries.iter().map(Entry::line));
    }
}

/// Prints every revision as a block, whatever `-v` says.
pub fn print_blocks(shell: &Shell, entries: &[Entry<'_>]) {
    // Blocks end with a blank line, and the last line ends itself.
    let blocks: String = entries.iter().map(|entry| entry.block() + "\n").collect();
    shell.lines(blocks.strip_suffix('\n'));
}
