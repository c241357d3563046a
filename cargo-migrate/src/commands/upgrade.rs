//! `cargo migrate upgrade`.

use migrate_runtime::plan::Direction;

use crate::invocation::Invocation;
use crate::report::Failure;
use crate::run::{self, Manner};

/// Upgrades the database to a target.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo migrate upgrade\n  cargo migrate upgrade +1 --dry-run")]
pub(crate) struct Args {
    /// Where to go: `heads`, `head`, an id, a unique prefix of one, a slug, or `+N`.
    #[arg(default_value = "heads", allow_negative_numbers = true)]
    pub(crate) target: String,
    #[command(flatten)]
    manner: Manner,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    run::run(Direction::Up, &args.target, args.manner, invocation)
}
