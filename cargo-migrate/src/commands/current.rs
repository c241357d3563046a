//! `cargo migrate current`.

use std::collections::BTreeMap;

use migrate_runtime::state::AppliedRevision;
use serde_json::json;

use crate::invocation::Invocation;
use crate::listing::{self, Entry};
use crate::report::Failure;
use crate::survey::Survey;

/// Shows the current heads of the database, and the ends of branches that others depend on.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  cargo migrate current --verbose\n  cargo migrate current --check-heads")]
pub(crate) struct Args {
    /// Exit with 5 unless the database is at the heads.
    #[arg(short, long)]
    pub(crate) check_heads: bool,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let outline = project.outline()?;
    let listing = listing::of(&outline, project)?;
    let survey = Survey::of_rows(invocation)?;
    let current = listing::current(&survey.state, &listing.graph);
    let rows: BTreeMap<&str, &AppliedRevision> =
        survey.state.rows().iter().map(|row| (row.revision.as_str(), row)).collect();
    // Where a newer release was here, the row says enough to show the revision.
    let of_row = |id| rows.get(id).map(|row| Entry::of_row(row));
    let entries: Vec<Entry<'_>> = current.iter().filter_map(|id| listing.entry(id).or_else(|| of_row(id))).collect();
    let shell = &invocation.shell;
    if shell.is_json() {
        shell.json(&json!({"heads": entries}));
    } else {
        if shell.verbosity() > 0 {
            shell.data(format_args!("Current revisions of {}:", survey.database));
        }
        listing::print(shell, &entries);
        if entries.is_empty() {
            shell.status("Current", "at base: no revision is applied");
        }
    }
    if args.check_heads { listing::check_heads(&survey.state, &listing.graph) } else { Ok(()) }
}
