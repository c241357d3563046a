//! `cargo migrate status`.

use crate::invocation::Invocation;
use crate::report::Failure;
use crate::standing;
use crate::survey::Survey;

/// Shows what is applied, pending, ahead or diverged.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo migrate status --exit-code")]
pub(crate) struct Args {
    /// Exit with 5 unless the database is at the heads.
    #[arg(long)]
    pub(crate) exit_code: bool,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let table = project.table()?;
    let Survey { state, database } = Survey::of(invocation, table)?;
    standing::show(&invocation.shell, &state, &table, &database, args.exit_code)
}
