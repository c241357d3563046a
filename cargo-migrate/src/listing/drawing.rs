//! Draws the graph beside its revisions, newest on top.
//!
//! A solid line leads to a parent. A dashed one leads to what also comes before: a dependency, or the next ancestor that is
//! in the list. `~` ends a line that goes on outside of it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::env;

use clap::ValueEnum;
use renderdag::{Ancestor, GraphRowRenderer, Renderer};

use super::{Entry, Listing};
use crate::shell::Shell;

/// How the graph is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Style {
    /// With lines, where the locale has them; else with ASCII.
    Auto,
    /// With lines.
    Unicode,
    /// With `|`, `/` and `\`.
    Ascii,
    /// Not at all: each line names its parents.
    None,
}

/// Whether and how to draw.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Drawing {
    /// How to draw the graph.
    #[arg(long = "graph", value_name = "STYLE", default_value = "auto")]
    style: Style,
    /// Draw no graph: each line names its parents, as Alembic's do.
    #[arg(long, conflicts_with = "style")]
    no_graph: bool,
}

/// What leads down from a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge<'l> {
    Parent(&'l str),
    Before(&'l str),
    Outside,
}

/// A revision in the drawing.
#[derive(Debug)]
pub(crate) struct Row<'l> {
    id: &'l str,
    edges: Vec<Edge<'l>>,
    applied: bool,
    text: String,
}

impl Drawing {
    /// Prints revisions, newest first, with what they come from: drawn, or else in words.
    pub(crate) fn print(self, shell: &Shell, entries: &[Entry<'_>], listing: &Listing<'_>) {
        let verbose = shell.verbosity() > 0;
        let Some(is_ascii) = self.is_ascii() else {
            if verbose {
                super::print_blocks(shell, entries);
            } else {
                shell.lines(entries.iter().map(Entry::lineage));
            }
            return;
        };
        let listed: HashSet<&str> = entries.iter().map(|entry| entry.revision).collect();
        let rows = entries.iter().map(|entry| {
            Row::new(entry, edges(entry, listing, &listed), if verbose { entry.block() } else { entry.beside_graph() })
        });
        shell.lines(draw(rows, is_ascii).lines());
    }

    /// Prints some revisions, newest first, as if those between them were not there; in words, what `plain` says.
    pub(crate) fn print_some(
        self,
        shell: &Shell,
        entries: &[Entry<'_>],
        listing: &Listing<'_>,
        plain: impl FnOnce() -> Vec<String>,
    ) {
        let Some(is_ascii) = self.is_ascii() else {
            shell.lines(plain());
            return;
        };
        let mut edges = distant_edges(entries, listing);
        let rows = entries.iter().map(|entry| {
            let text = if shell.verbosity() > 0 { entry.block() } else { entry.beside_graph() };
            Row::new(entry, edges.remove(entry.revision).unwrap_or_default(), text)
        });
        shell.lines(draw(rows, is_ascii).lines());
    }

    /// Whether to draw with ASCII; none where nothing is drawn.
    fn is_ascii(self) -> Option<bool> {
        match self.style {
            _ if self.no_graph => None,
            Style::None => None,
            Style::Auto => Some(!locale_has_lines(|name| env::var(name).ok())),
            Style::Unicode => Some(false),
            Style::Ascii => Some(true),
        }
    }
}

/// A locale that is set and is no UTF-8 cannot show lines; where none is set most terminals can.
fn locale_has_lines(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
    set.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.ends_with("utf-8") || locale.ends_with("utf8")
    })
}

impl<'l> Row<'l> {
    fn new(entry: &Entry<'l>, edges: Vec<Edge<'l>>, text: String) -> Self {
        Self { id: entry.revision, edges, applied: entry.applied == Some(true), text }
    }
}

/// The edges of a revision in a part of the history.
fn edges<'l>(entry: &Entry<'l>, listing: &Listing<'l>, listed: &HashSet<&str>) -> Vec<Edge<'l>> {
    let (inside, outside): (Vec<&str>, Vec<&str>) = entry.parents.iter().partition(|id| listed.contains(*id));
    let mut edges: Vec<Edge<'l>> = inside.into_iter().map(Edge::Parent).collect();
    let dependencies = listing.graph.dependencies(entry.revision).into_iter();
    edges.extend(dependencies.filter(|id| listed.contains(id) && !entry.parents.contains(id)).map(Edge::Before));
    if !outside.is_empty() {
        edges.push(Edge::Outside);
    }
    edges
}

/// The edges of revisions to the nearest of their ancestors that are listed, by parent alone.
fn distant_edges<'l>(entries: &[Entry<'l>], listing: &Listing<'l>) -> HashMap<&'l str, Vec<Edge<'l>>> {
    let listed: HashSet<&str> = entries.iter().map(|entry| entry.revision).collect();
    let mut edges = HashMap::new();
    // Of each revision, the listed ones that are met first on the way down.
    let mut nearest: HashMap<&str, BTreeSet<&'l str>> = HashMap::new();
    for node in listing.graph.nodes() {
        let mut below = BTreeSet::new();
        for parent in &node.parents {
            if listed.contains(parent) {
                below.insert(*parent);
            } else if let Some(further) = nearest.get(parent) {
                below.extend(further);
            }
        }
        if listed.contains(node.id) {
            let is_parent = |id: &&str| node.parents.contains(id);
            let edge = |id| if is_parent(&id) { Edge::Parent(id) } else { Edge::Before(id) };
            edges.insert(node.id, below.iter().copied().map(edge).collect());
        }
        nearest.insert(node.id, below);
    }
    edges
}

fn draw<'l>(rows: impl Iterator<Item = Row<'l>>, is_ascii: bool) -> String {
    let renderer = GraphRowRenderer::new().output().with_min_row_height(1);
    if is_ascii {
        draw_with(renderer.build_ascii(), rows, ["*", "o"])
    } else {
        draw_with(renderer.build_box_drawing(), rows, ["●", "○"])
    }
}

fn draw_with<'l>(
    mut renderer: impl Renderer<&'l str, Output = String>,
    rows: impl Iterator<Item = Row<'l>>,
    [applied, other]: [&str; 2],
) -> String {
    let mut drawn = String::new();
    for Row { id, edges, applied: is_applied, text } in rows {
        let ancestors = edges.into_iter().map(|edge| match edge {
            Edge::Parent(id) => Ancestor::Parent(id),
            Edge::Before(id) => Ancestor::Ancestor(id),
            Edge::Outside => Ancestor::Anonymous,
        });
        let glyph = if is_applied { applied } else { other };
        drawn += &renderer.next_row(id, ancestors.collect(), glyph.to_owned(), text);
    }
    drawn
}
