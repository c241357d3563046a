//! `cargo migrate stamp`: the version table says what it is told, and nothing is run.

use crate::invocation::Invocation;
use crate::recording::Recording;
use crate::report::Failure;
use crate::run;

/// Records revisions as applied, or as not applied, and runs nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  cargo migrate stamp heads\n  cargo migrate stamp base\n  \
                        cargo migrate stamp sales@head --purge\n  cargo migrate stamp --accept create_users")]
pub(crate) struct Args {
    #[command(flatten)]
    recording: Recording,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let table = project.table()?;
    let migrator = table.with(run::options_of(project)?);
    if args.recording.sql {
        return args.recording.print(&migrator, &invocation.shell, project);
    }
    run::on_database(invocation, async |journey| args.recording.record(journey, &migrator).await)
}
