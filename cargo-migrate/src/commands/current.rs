//! `cargo migrate current`.

use std::collections::BTreeMap;

use migrate_runtime::Target;
use migrate_runtime::state::AppliedRevision;
use serde_json::json;

use crate::invocation::Invocation;
use crate::listing::{self, Entry, Listing};
use crate::refusal;
use crate::report::{Failure, Kind};
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
    let listing = Listing::of(&outline, &project.shown);
    let survey = Survey::of_rows(invocation)?;
    let current = survey.current(&listing.graph);
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
    if args.check_heads { check_heads(&survey, &listing) } else { Ok(()) }
}

fn check_heads(survey: &Survey, listing: &Listing<'_>) -> Result<(), Failure> {
    let found = |message: String| Err(Failure::new(Kind::Found, message));
    let applied = survey.state.applied();
    let ahead: Vec<&str> = applied.iter().copied().filter(|id| listing.graph.node(id).is_none()).collect();
    let plan = listing.graph.plan_upgrade(&applied, &Target::heads()).map_err(|error| refusal::plan(&error))?;
    match (plan.steps.len(), &ahead[..]) {
        (0, []) => Ok(()),
        (0, ahead) => found(format!("the database is past the heads: it has {}", ahead.join(", ")))
            .map_err(|failure| failure.help("a newer release was here; use its files")),
        (n_steps, _) => found(format!(
            "the database is not at the heads: {n_steps} of {} revisions not applied",
            listing.graph.nodes().len()
        ))
        .map_err(|failure| failure.help("`cargo migrate status` says what to do about it")),
    }
}
