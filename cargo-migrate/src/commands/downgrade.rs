//! `cargo migrate downgrade`.

use migrate_runtime::plan::Direction;

use crate::invocation::Invocation;
use crate::report::Failure;
use crate::run::{self, Wish};

/// Downgrades the database to a target.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo migrate downgrade -1\n  cargo migrate downgrade base")]
pub(crate) struct Args {
    /// Where to go: `base`, an id, a unique prefix of one, a slug, or `-N`.
    #[arg(allow_negative_numbers = true)]
    pub(crate) target: String,
    /// Print the steps, and take none.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How long to wait for the migration lock; 60 seconds by default.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) lock_timeout: Option<u64>,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let Args { target, dry_run, lock_timeout } = args;
    let wish = Wish { direction: Direction::Down, target, dry_run: *dry_run, lock_timeout: *lock_timeout };
    run::run(wish, invocation)
}
