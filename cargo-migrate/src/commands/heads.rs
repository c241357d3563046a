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
    let entries: Vec<Entry> = Entry::all(invocation.project()?)?.into_iter().filter(|entry| entry.head).collect();
    if invocation.shell.is_json() {
        invocation.shell.json(&json!({"heads": entries}));
    } else {
        listing::print(&invocation.shell, &entries);
    }
    Ok(())
}
