//! `cargo migrate heads`.

use serde_json::json;

use crate::invocation::Invocation;
use crate::listing::{self, Entry};
use crate::report::Failure;

/// Shows the revisions without a child.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo migrate heads --verbose")]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let history = invocation.project()?.forked_history()?;
    let graph = history.graph();
    let heads: Vec<&str> = graph.heads().into_iter().map(|node| node.id).collect();
    let is_head = |id: &str| heads.contains(&id);
    let entries: Vec<Entry> =
        history.revisions().iter().filter(|files| is_head(files.id())).map(|files| Entry::of(files, true)).collect();
    if invocation.shell.is_json() {
        invocation.shell.json(&json!({"heads": entries}));
    } else {
        listing::print(&invocation.shell, &entries);
    }
    Ok(())
}
