//! Upgrades and downgrades as a program makes them: told while they go on, and ended by a signal.

use std::sync::Arc;
use std::time::Instant;

use sqlx::postgres::PgConnectOptions;

use crate::graph::Graph;
use crate::plan::{Direction, Plan, PlanError};
use crate::state::State;
use crate::terminal::dsn::Dsn;
use crate::terminal::interrupt::{Sessions, unless_interrupted};
use crate::terminal::refusal::{self, Texts};
use crate::terminal::report::Failure;
use crate::terminal::shell::Shell;
use crate::terminal::{progress, steps};
use crate::{Error, Migrator, Range, Report, Target};

/// Where a run goes.
#[derive(Clone, Debug)]
pub enum Way {
    /// Up or down to a target.
    Toward(Direction, Target),
    /// From another git branch to this one.
    Switch,
}

impl Way {
    /// Up or down to a target that a user has typed.
    ///
    /// # Errors
    ///
    /// When it is a range, or means nothing; told before the database is asked.
    pub fn toward(direction: Direction, target: &str, graph: &Graph<'_>) -> Result<Self, Failure> {
        if Range::is_range(target) {
            return Err(refusal::range(target, verb(direction)));
        }
        let target = Target::from(target);
        check(graph, direction, &target).map_err(|error| match direction {
            Direction::Up => refusal::plan(&error),
            Direction::Down => refusal::downgrade(&error),
        })?;
        Ok(Self::Toward(direction, target))
    }

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

/// A program that goes somewhere.
#[derive(Clone, Copy)]
pub struct Journey<'j> {
    /// Where it is told.
    pub shell: &'j Arc<Shell>,
    /// Where the files are.
    pub texts: &'j dyn Texts,
    /// The database.
    pub dsn: &'j Dsn,
}

impl std::fmt::Debug for Journey<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journey").field("database", &self.dsn.shown).finish_non_exhaustive()
    }
}

impl Journey<'_> {
    /// Goes there, or prints the steps that it would take.
    ///
    /// # Errors
    ///
    /// What the run reports, and the signal that ended it.
    pub async fn take(self, way: &Way, migrator: Migrator<'_>, dry_run: bool) -> Result<(), Failure> {
        let sessions = Sessions::new();
        let begun = Instant::now();
        if dry_run {
            let (plan, state) =
                self.on_database(&sessions, async |connect| way.plan(&migrator, &connect).await).await?;
            show_plan(self.shell, &plan, &state);
            return Ok(());
        }
        let (shell, seen) = (Arc::clone(self.shell), sessions.clone());
        let migrator = migrator.also_on_event(move |event| {
            seen.see(event);
            progress::show(&shell, event);
        });
        let report = self.on_database(&sessions, async |connect| way.go(&migrator, &connect).await).await?;
        progress::finish(self.shell, &report, begun.elapsed());
        Ok(())
    }

    /// Does something else with the database; a signal ends it.
    ///
    /// # Errors
    ///
    /// What the work reports, and the signal that ended it.
    pub async fn on_database<T>(
        self,
        sessions: &Sessions,
        work: impl AsyncFnOnce(PgConnectOptions) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        unless_interrupted(&self.dsn.options.0, sessions, async |connect| {
            work(connect).await.map_err(|error| refusal::of(&error, self.texts, &self.dsn.shown))
        })
        .await
    }
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

/// The verb that goes this way.
#[must_use]
pub const fn verb(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "upgrade",
        Direction::Down => "downgrade",
    }
}

/// Shows the steps of a plan. Where nothing is to be done, rows of a newer release may be among the current heads.
fn show_plan(shell: &Shell, plan: &Plan, state: &State) {
    let now = || state.heads().into_iter().map(|row| row.revision.clone()).collect();
    let heads = plan.steps.last().map_or_else(now, |step| step.heads.clone());
    steps::print(shell, &plan.steps, &heads);
}
