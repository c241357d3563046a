//! Upgrades and downgrades from the command line: the same executor that a binary runs.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use migrate_runtime::graph::Graph;
use migrate_runtime::plan::{Direction, Plan, PlanError};
use migrate_runtime::state::State;
use migrate_runtime::{Error, Migrations, Migrator, Options, Report, Target};
use sqlx::postgres::PgConnectOptions;

use crate::database::Dsn;
use crate::invocation::Invocation;
use crate::online::Sessions;
use crate::project::Project;
use crate::report::Failure;
use crate::{online, progress, refusal, steps};

/// How the package wants its runs to behave.
pub(crate) fn options_of(project: &Project) -> Result<Options, Failure> {
    Manner::default().options(project)
}

/// How a run is made, in both directions.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Manner {
    /// Print the steps, and take none.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How long to wait for another run, as in `90s`; 60 seconds by default.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    wait_timeout: Option<Duration>,
    /// How long a statement may wait for a table that others use, before it is rolled back and tried again, as in `500ms`;
    /// 2 seconds by default, 0 without limit.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    lock_timeout: Option<Duration>,
    /// How long a statement may take; without limit by default, whatever the role has.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    statement_timeout: Option<Duration>,
}

impl Manner {
    /// What was typed, else what the package sets.
    pub(crate) fn options(self, project: &Project) -> Result<Options, Failure> {
        let set = &project.run;
        let mut options = Options::default().transactions(set.transactions.unwrap_or_default());
        if let Some(limit) = self.wait_timeout {
            options = options.wait_timeout(limit);
        }
        if let Some(limit) = self.lock_timeout.or(set.lock_timeout) {
            options = options.lock_timeout(limit);
        }
        if let Some(limit) = self.statement_timeout.or(set.statement_timeout) {
            options = options.statement_timeout(limit);
        }
        if let Some(role) = &set.role {
            options = options.role(role);
        }
        if let Some(file) = &set.session_setup {
            options = options.session_setup(sql(file, project)?);
        }
        if let Some(file) = &set.session_end {
            options = options.session_end(sql(file, project)?);
        }
        Ok(options)
    }
}

fn sql(file: &Path, project: &Project) -> Result<String, Failure> {
    fs::read_to_string(project.root.join(file)).map_err(|error| {
        Failure::io("read", file, &error)
            .help("`session-setup` and `session-end` name files below the package's folder")
    })
}

/// Takes the database to a target.
pub(crate) fn run(direction: Direction, target: &str, manner: Manner, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let history = project.history_for(direction)?;
    if target.contains(':') {
        return Err(refusal::range(target, verb(direction)));
    }
    let target = Target::from(target);
    check(&history.graph(), direction, &target).map_err(|error| match direction {
        Direction::Up => refusal::plan(&error),
        Direction::Down => refusal::downgrade(&error),
    })?;
    take(&Way::Toward(direction, target), &history.table(&project.package), manner, invocation)
}

/// Where a run goes.
pub(crate) enum Way {
    /// Up or down to a target.
    Toward(Direction, Target),
    /// From another git branch to this one.
    Switch,
}

impl Way {
    async fn plan(&self, migrator: &Migrator<'_>, connect: &PgConnectOptions) -> Result<(Plan, State), Error> {
        match self {
            Self::Toward(direction, target) => migrator.plan(*direction, connect, target.clone()).await,
            Self::Switch => migrator.plan_switch(connect).await,
        }
    }

    async fn go(&self, migrator: &Migrator<'_>, connect: &PgConnectOptions) -> Result<Report, Error> {
        match self {
            Self::Toward(Direction::Up, target) => migrator.upgrade_to(connect, target.clone()).await,
            Self::Toward(Direction::Down, target) => migrator.downgrade_to(connect, target.clone()).await,
            Self::Switch => migrator.switch(connect).await,
        }
    }
}

/// Goes there, or prints the steps that it would take.
pub(crate) fn take(way: &Way, table: &Migrations, manner: Manner, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let dsn = Dsn::find(invocation, project)?;
    let options = manner.options(project)?;
    let sessions = Sessions::new();
    let refuse = |error| refusal::of(&error, project, &dsn);
    if manner.dry_run {
        let migrator = table.with(options);
        let (plan, state) =
            online::run(&dsn, &sessions, async |connect| way.plan(&migrator, &connect).await.map_err(refuse))?;
        show_plan(invocation, &plan, &state);
        return Ok(());
    }
    let begun = Instant::now();
    let (shell, seen) = (Arc::clone(&invocation.shell), sessions.clone());
    let migrator = table.with(options.on_event(move |event| {
        seen.see(event);
        progress::show(&shell, event);
    }));
    let report = online::run(&dsn, &sessions, async |connect| way.go(&migrator, &connect).await.map_err(refuse))?;
    progress::finish(&invocation.shell, &report, begun.elapsed());
    Ok(())
}

/// A target that means nothing is told before the database is asked. On the way down the database may know more: there the
/// rows count too.
fn check(graph: &Graph<'_>, direction: Direction, target: &Target) -> Result<(), PlanError> {
    match graph.check_target(direction, target) {
        Err(PlanError::UnknownRevision { .. } | PlanError::UnknownBranch { .. } | PlanError::NotInBranch { .. })
            if direction == Direction::Down =>
        {
            Ok(())
        }
        checked => checked,
    }
}

pub(crate) const fn verb(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "upgrade",
        Direction::Down => "downgrade",
    }
}

/// Shows the steps of a plan. Where nothing is to be done, rows of a newer release may be among the current heads.
pub(crate) fn show_plan(invocation: &Invocation, plan: &Plan, state: &State) {
    let now = || state.heads().into_iter().map(|row| row.revision.clone()).collect();
    let heads = plan.steps.last().map_or_else(now, |step| step.heads.clone());
    steps::print(&invocation.shell, &plan.steps, &heads);
}
