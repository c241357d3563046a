//! `cargo migrate downgrade`.

use migrate_runtime::plan::Direction;

use crate::invocation::Invocation;
use crate::report::Failure;
use crate::run::{self, How};

/// Downgrades the database to a target.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cargo migrate downgrade -1\n  cargo migrate downgrade base\n  cargo migrate downgrade --sql heads:base > downgrade.sql"
)]
pub(crate) struct Args {
    /// Where to go: `base`, an id, a unique prefix of one, a slug, a branch label, `-N`, `REV-N`,
    /// `LABEL@base`, `LABEL@-N`; with `--sql` FROM:TO.
    #[arg(allow_negative_numbers = true)]
    pub(crate) target: String,
    /// Print the SQL instead of running it: for psql, with the statements that keep the version table.
    #[arg(long, conflicts_with_all = ["dry_run", "wait_timeout"])]
    sql: bool,
    #[command(flatten)]
    how: How,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    if args.sql {
        return run::print(Direction::Down, &args.target, &args.how, invocation);
    }
    run::run(Direction::Down, &args.target, &args.how, invocation)
}
