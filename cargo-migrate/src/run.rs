//! Upgrades and downgrades from the command line: the same executor that a binary runs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use migrate_runtime::plan::{Direction, Plan};
use migrate_runtime::{Options, Target};
use serde_json::{Value, json};

use crate::database::Dsn;
use crate::invocation::Invocation;
use crate::report::Failure;
use crate::{online, progress, refusal};

/// How a run is made, in both directions.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Manner {
    /// Print the steps, and take none.
    #[arg(long)]
    dry_run: bool,
    /// How long to wait for the migration lock; 60 seconds by default.
    #[arg(long, value_name = "SECONDS")]
    lock_timeout: Option<u64>,
}

/// Takes the database to a target.
pub(crate) fn run(direction: Direction, target: &str, manner: Manner, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let history = project.history()?;
    let Ok(target) = target.parse::<Target>();
    if let Target::Revision(name) = &target {
        // A name that means nothing is told before the database is asked.
        history.graph().find(name).map_err(|error| refusal::plan(&error))?;
    }
    let dsn = Dsn::find(invocation, project)?;
    let table = history.table(&project.package);
    let mut options = Options::default();
    if let Some(seconds) = manner.lock_timeout {
        options = options.lock_timeout(Duration::from_secs(seconds));
    }
    if manner.dry_run {
        let state = online::run(&dsn, async |connect| {
            table.with(options).state(&connect).await.map_err(|error| refusal::of(&error, project, &dsn))
        })?;
        let graph = history.graph();
        let plan = match direction {
            Direction::Up => graph.plan_upgrade(&state.applied(), &target),
            Direction::Down => graph.plan_downgrade(&state.recorded(), &target),
        };
        show_plan(invocation, &plan.map_err(|error| refusal::plan(&error))?);
        return Ok(());
    }
    let begun = Instant::now();
    let shell = Arc::clone(&invocation.shell);
    let migrator = table.with(options.on_event(move |event| progress::show(&shell, event)));
    let report = online::run(&dsn, async |connect| {
        let outcome = match direction {
            Direction::Up => migrator.upgrade_to(&connect, target).await,
            Direction::Down => migrator.downgrade_to(&connect, target).await,
        };
        outcome.map_err(|error| refusal::of(&error, project, &dsn))
    })?;
    progress::finish(&invocation.shell, &report, begun.elapsed());
    Ok(())
}

fn show_plan(invocation: &Invocation, plan: &Plan) {
    let shell = &invocation.shell;
    if shell.is_json() {
        let steps: Vec<Value> = plan
            .steps
            .iter()
            .map(|step| json!({"direction": step.direction.as_str(), "revision": step.revision, "heads": step.heads}))
            .collect();
        let heads = plan.steps.last().map(|step| step.heads.clone()).unwrap_or_default();
        shell.json(&json!({"steps": steps, "heads": heads}));
        return;
    }
    for step in &plan.steps {
        shell.data(format_args!("{} {}", step.direction.as_str(), step.revision));
    }
    let n_steps = plan.steps.len();
    shell.status("Planned", format_args!("{n_steps} step{}, none taken", if n_steps == 1 { "" } else { "s" }));
}
