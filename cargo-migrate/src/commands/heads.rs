//! `cargo migrate heads`.

use serde_json::json;

use crate::invocation::Invocation;
use crate::listing;
use crate::report::Failure;

/// Shows the revisions without a child.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo migrate heads --verbose\n\n\
                        An effective head has no child, and something on another branch depends on it.")]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let outline = project.outline()?;
    let listing = listing::of(&outline, project)?;
    let entries = listing.entries(listing.graph.heads().iter().map(|node| node.id));
    if invocation.shell.is_json() {
        invocation.shell.json(&json!({"heads": entries}));
    } else {
        listing::print(&invocation.shell, &entries);
    }
    Ok(())
}
