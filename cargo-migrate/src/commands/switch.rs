//! `cargo migrate switch`: brings a database from another branch of the repository to this one.

use crate::invocation::Invocation;
use crate::journey::Way;
use crate::report::Failure;
use crate::run::{self, How};

/// Undoes what only another git branch has, then upgrades to the heads of this one.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  git switch main && cargo migrate switch\n\nThe downgrades of revisions whose files are \
                        gone are in the version table."
)]
pub(crate) struct Args {
    #[command(flatten)]
    how: How,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let table = project.table()?;
    run::take(&Way::Switch, &table, &args.how, invocation)
}
