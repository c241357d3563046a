//! `cargo migrate downgrade`.

use migrate_runtime::plan::Direction;

use crate::invocation::Invocation;
use crate::report::Failure;
use crate::run::{self, Manner};

/// Downgrades the database to a target.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo migrate downgrade -1\n  cargo migrate downgrade base")]
pub(crate) struct Args {
    /// Where to go: `base`, an id, a unique prefix of one, a slug, or `-N`.
    #[arg(allow_negative_numbers = true)]
    pub(crate) target: String,
    #[command(flatten)]
    manner: Manner,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    run::run(Direction::Down, &args.target, args.manner, invocation)
}
