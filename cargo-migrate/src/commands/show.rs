//! `cargo migrate show`.

use serde_json::json;

use crate::invocation::Invocation;
use crate::listing;
use crate::report::Failure;
use crate::selection;

/// Shows all that is known of a revision, or of all that the target names, as `heads`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  cargo migrate show head\n  cargo migrate show create_users\n  cargo migrate show current"
)]
pub(crate) struct Args {
    /// An id, a unique prefix of one, a slug, a branch label, `LABEL@head`, `heads`, `current`, or `-N` from the heads.
    #[arg(value_name = "REV", allow_hyphen_values = true)]
    pub(crate) revision: String,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let outline = project.outline()?;
    let listing = listing::of(&outline, project)?;
    let entries = listing.entries(selection::of(&args.revision, &listing.graph, invocation)?);
    if invocation.shell.is_json() {
        invocation.shell.json(&json!({"revisions": entries}));
    } else {
        listing::print_blocks(&invocation.shell, &entries);
    }
    Ok(())
}
