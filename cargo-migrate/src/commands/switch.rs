//! `cargo migrate switch`: brings a database from another branch of the repository to this one.

use std::sync::Arc;
use std::time::Instant;

use crate::database::Dsn;
use crate::invocation::Invocation;
use crate::online::Sessions;
use crate::report::Failure;
use crate::run::{self, Manner};
use crate::{online, progress, refusal};

/// Undoes what only another git branch has, then upgrades to the heads of this one.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  git switch main && cargo migrate switch\n\nThe downgrades of revisions whose files are \
                        gone are in the version table."
)]
pub(crate) struct Args {
    #[command(flatten)]
    manner: Manner,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let table = project.history()?.table(&project.package);
    let dsn = Dsn::find(invocation, project)?;
    let sessions = Sessions::new();
    let options = args.manner.options(project)?;
    let refuse = |error| refusal::of(&error, project, &dsn);
    if args.manner.dry_run {
        let (plan, state) = online::run(&dsn, &sessions, async |connect| {
            table.with(options).plan_switch(&connect).await.map_err(refuse)
        })?;
        run::show_plan(invocation, &plan, &state);
        return Ok(());
    }
    let begun = Instant::now();
    let (shell, seen) = (Arc::clone(&invocation.shell), sessions.clone());
    let migrator = table.with(options.on_event(move |event| {
        seen.see(event);
        progress::show(&shell, event);
    }));
    let report = online::run(&dsn, &sessions, async |connect| migrator.switch(&connect).await.map_err(refuse))?;
    progress::finish(&invocation.shell, &report, begun.elapsed());
    Ok(())
}
