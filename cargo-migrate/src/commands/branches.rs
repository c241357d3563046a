//! `cargo migrate branches`.

use std::collections::BTreeSet;

use serde_json::json;

use crate::invocation::Invocation;
use crate::listing::drawing::Drawing;
use crate::listing::{self, Entry, Listing};
use crate::report::Failure;

/// Shows where the history forks: the revisions with several children.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo migrate branches --verbose")]
pub(crate) struct Args {
    #[command(flatten)]
    drawing: Drawing,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let outline = project.outline()?;
    let listing = listing::of(&outline, project)?;
    let newest_first = || listing.graph.nodes().iter().rev().map(|node| node.id);
    let points = listing.entries(newest_first().filter(|id| listing.graph.children(id).len() > 1));
    let shell = &invocation.shell;
    if shell.is_json() {
        shell.json(&json!({"branches": points}));
        return Ok(());
    }
    let shown: BTreeSet<&str> =
        points.iter().flat_map(|point| point.children.iter().copied().chain([point.revision])).collect();
    let entries = listing.entries(newest_first().filter(|id| shown.contains(id)));
    args.drawing.print_some(shell, &entries, &listing, || {
        points.iter().flat_map(|point| in_words(point, &listing, shell.verbosity() > 0)).collect()
    });
    if points.is_empty() {
        shell.status("Branches", "none: no revision has more than one child");
    }
    Ok(())
}

/// A point, and its children below it.
fn in_words(point: &Entry<'_>, listing: &Listing<'_>, verbose: bool) -> Vec<String> {
    let indent = " ".repeat(point.revision.len());
    let children = listing.entries(point.children.iter().copied());
    let children = children.iter().map(|child| format!("{indent} -> {}, {}", child.marked(), child.summary));
    let first = if verbose { point.block() } else { format!("{}, {}", point.marked(), point.summary) };
    [first].into_iter().chain(children).collect()
}
