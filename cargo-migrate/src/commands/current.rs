//! `cargo migrate current`.

use serde_json::json;

use crate::invocation::Invocation;
use crate::listing::{self, Entry};
use crate::report::Failure;
use crate::survey::Survey;

/// Shows the current heads of the database.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo migrate current --verbose")]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let history = invocation.project()?.forked_history()?;
    let graph = history.graph();
    let survey = Survey::make(invocation, &history)?;
    let is_head = |id: &str| graph.heads().into_iter().any(|node| node.id == id);
    let entries: Vec<Entry> = survey
        .state
        .heads()
        .into_iter()
        .map(|row| match history.revisions().iter().find(|files| files.id() == row.revision) {
            Some(files) => Entry::of(files, is_head(files.id())),
            // A newer release was here: the row says enough to show it.
            None => Entry {
                revision: row.revision.clone(),
                slug: None,
                summary: row.summary.clone(),
                parents: row.parents.clone(),
                depends_on: row.depends_on.clone(),
                labels: Vec::new(),
                head: false,
                current: None,
                folder: None,
            },
        })
        .collect();
    if invocation.shell.is_json() {
        invocation.shell.json(&json!({"heads": entries}));
    } else {
        listing::print(&invocation.shell, &entries);
        if entries.is_empty() {
            invocation.shell.status("Current", "at base: no revision is applied");
        }
    }
    Ok(())
}
