//! `cargo migrate history`.

use std::collections::BTreeSet;

use serde_json::json;

use crate::invocation::Invocation;
use crate::listing::{self, Entry};
use crate::report::Failure;
use crate::survey::Survey;

/// Lists the revisions, newest first.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo migrate history --indicate-current")]
pub(crate) struct Args {
    /// Mark the revisions that the database is at.
    #[arg(short, long)]
    pub(crate) indicate_current: bool,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let history = invocation.project()?.forked_history()?;
    let graph = history.graph();
    let heads: BTreeSet<&str> = graph.heads().into_iter().map(|node| node.id).collect();
    let current: Option<BTreeSet<String>> = match args.indicate_current {
        true => {
            let survey = Survey::make(invocation, &history)?;
            Some(survey.state.heads().into_iter().map(|row| row.revision.clone()).collect())
        }
        false => None,
    };
    let entries: Vec<Entry> = history
        .revisions()
        .iter()
        .rev()
        .map(|files| Entry {
            current: current.as_ref().map(|current| current.contains(files.id())),
            ..Entry::of(files, heads.contains(files.id()))
        })
        .collect();
    if invocation.shell.is_json() {
        invocation.shell.json(&json!({"revisions": entries}));
    } else {
        listing::print_lineage(&invocation.shell, &entries);
    }
    Ok(())
}
