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
    let mut entries = Entry::all(invocation.project()?)?;
    entries.reverse();
    if args.indicate_current {
        let survey = Survey::of_rows(invocation)?;
        let heads: BTreeSet<&str> = survey.state.heads().into_iter().map(|row| row.revision.as_str()).collect();
        for entry in &mut entries {
            entry.current = Some(heads.contains(entry.revision.as_str()));
        }
    }
    if invocation.shell.is_json() {
        invocation.shell.json(&json!({"revisions": entries}));
    } else {
        listing::print_lineage(&invocation.shell, &entries);
    }
    Ok(())
}
