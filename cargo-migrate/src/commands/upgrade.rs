//! `cargo migrate upgrade`.

use migrate_runtime::plan::Direction;

use crate::invocation::Invocation;
use crate::report::Failure;
use crate::run::{self, How};

/// Upgrades the database to a target.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cargo migrate upgrade\n  cargo migrate upgrade +1 --dry-run\n  cargo migrate upgrade --sql base:heads > upgrade.sql"
)]
pub(crate) struct Args {
    /// Where to go: `heads`, `head`, an id, a unique prefix of one, a slug, a branch label, `+N`,
    /// `REV+N`, `LABEL@head`, `LABEL@+N`; with `--sql` also FROM:TO.
    #[arg(default_value = "heads", allow_negative_numbers = true)]
    pub(crate) target: String,
    /// Print the SQL instead of running it: for psql, with the statements that keep the version table.
    #[arg(long, conflicts_with_all = ["dry_run", "wait_timeout"])]
    sql: bool,
    #[command(flatten)]
    how: How,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    if args.sql {
        return run::print(Direction::Up, &args.target, &args.how, invocation);
    }
    run::run(Direction::Up, &args.target, &args.how, invocation)
}
