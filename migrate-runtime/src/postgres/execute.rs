//! A whole run: read, decide, take the steps; and begin again when somebody else was faster.

use std::collections::BTreeSet;

use sqlx::Row as _;
use sqlx::postgres::PgConnection;

use crate::migrations::Migrations;
use crate::plan::{Direction, Plan};
use crate::postgres::chart::Chart;
use crate::postgres::course::Course;
use crate::postgres::database::Database;
use crate::postgres::dependents::refuse_dependents;
use crate::postgres::error::Error;
use crate::postgres::event::Event;
use crate::postgres::goal::{Goal, check_step, refuse_uncompiled, task};
use crate::postgres::message::{Message, Part};
use crate::postgres::options::Options;
use crate::postgres::reading::open;
use crate::postgres::report::{Done, Report};
use crate::postgres::session::Session;
use crate::postgres::state::{Edit, State};
use crate::postgres::step::Task;
use crate::postgres::stored::with_stored;
use crate::qualified::Qualified;
use crate::target::Target;

/// What a run shall do, with which revisions and how.
#[derive(Clone, Debug)]
pub(crate) struct Order<'run> {
    pub(crate) migrations: &'run Migrations,
    pub(crate) options: &'run Options,
    pub(crate) goal: Goal<'run>,
}

/// Tells what carrying out an order would do.
pub(crate) async fn plan(order: Order<'_>, database: Database<'_>) -> Result<(Plan, State), Error> {
    let chart = Chart::of(order.migrations)?;
    let (mut borrowed, state) = open(order.migrations, order.options, database).await?;
    let chart = order.chart(chart, &state, borrowed.conn()).await?;
    let plan = order.goal.decide(&chart, order.options, &state)?;
    order.refuse_dependents(&plan, borrowed.conn()).await?;
    borrowed.release().await;
    Ok((plan, state))
}

/// Tells what a return to the files and an upgrade to the heads after it would do, and refuses what either would refuse.
pub(crate) async fn plan_switch(
    migrations: &Migrations,
    options: &Options,
    database: Database<'_>,
) -> Result<(Plan, State), Error> {
    let (mut back, state) = plan(Order { migrations, options, goal: Goal::Return }, database).await?;
    state.refuse_edits()?;
    let files = Chart::of(migrations)?;
    let mut left = state.recorded();
    for step in &back.steps {
        left.remove(step.revision.as_str());
    }
    let on = files.graph.plan_upgrade(&left, &Target::heads())?;
    for step in &on.steps {
        let task = task(&files, &state, step.direction, &step.revision)?;
        let undone = !left.contains(step.revision.as_str());
        check_step(&Task { row: task.row.filter(|_| !undone), ..task })?;
    }
    back.steps.extend(on.steps);
    Ok((Plan { heads: on.heads, ..back }, state))
}

/// Carries out an order.
pub(crate) async fn run(mut order: Order<'_>, database: Database<'_>) -> Result<Report, Error> {
    let (mut borrowed, state) = open(order.migrations, order.options, database).await?;
    // What most starts find: it needs no graph to be seen.
    if order.goal.is_to_heads() && state.is_current() {
        borrowed.release().await;
        return Ok(report(&state, &Plan { steps: Vec::new(), heads: Vec::new() }, Vec::new()));
    }
    let chart = Chart::of(order.migrations)?;
    let chart = order.chart(chart, &state, borrowed.conn()).await?;
    let plan = order.goal.decide(&chart, order.options, &state)?;
    refuse_uncompiled(order.migrations, &plan)?;
    order.refuse_dependents(&plan, borrowed.conn()).await?;
    order.warn(&state);
    if plan.steps.is_empty() {
        borrowed.release().await;
        return Ok(report(&state, &plan, Vec::new()));
    }
    if order.goal.direction() == Direction::Up && state.table_exists {
        order.refuse_namesakes(&state, &plan, borrowed.conn()).await?;
    }
    if let Some(backend_pid) = state.backend_pid {
        order.options.tell(&Event::Connected { backend_pid });
    }
    order.goal.pin(&plan);
    let mut session = Session::new(borrowed.keep(), database, order.migrations, order.options, &state);
    let outcome = Course::new(&order, &mut session).run(chart, state, plan).await;
    session.leave(outcome.is_err()).await;
    outcome
}

impl Order<'_> {
    /// What the order is decided with: on the way down, what the rows remember counts too. `before` is kept where it has
    /// the same rows.
    pub(crate) async fn chart(&self, before: Chart, state: &State, conn: &mut PgConnection) -> Result<Chart, Error> {
        let is_known = state.unknown().all(|row| before.migration(&row.revision).is_some());
        match self.goal.direction() {
            Direction::Down if !is_known => Chart::of(&with_stored(self.migrations, self.options, state, conn).await?),
            _ => Ok(before),
        }
    }

    /// Refuses a history that begins in a database where it is applied already under another name: rows are keyed by
    /// package, and a package may be renamed. It costs a round trip when a package comes to a table that others use.
    async fn refuse_namesakes(&self, state: &State, plan: &Plan, conn: &mut PgConnection) -> Result<(), Error> {
        let (table, root) = (&self.options.version_table, self.migrations.package());
        let package_of = |name: &'static str| Qualified::of(name).package_in(root);
        let begins: BTreeSet<&str> =
            plan.steps.iter().map(|step| Qualified::of(&step.revision).package_in(root)).collect();
        let begun: BTreeSet<&str> =
            state.rows().iter().map(|row| Qualified::of(&row.revision).package_in(root)).collect();
        let packages = self.migrations.packages().into_iter();
        for package in packages.filter(|package| begins.contains(package) && !begun.contains(package)) {
            let first = self.migrations.list().iter().find(|migration| package_of(migration.id()) == package);
            let Some(first) = first else { continue };
            let message = Message::default().with(Part::Read, &table.namesake(root, first));
            let rows = message.send(conn).await.map_err(|failed| self.options.unreadable(failed.source))?;
            if let Some(other) = rows.first().and_then(|row| row.try_get("package").ok()) {
                return Err(Error::OtherPackage { package, other, table: table.quoted() });
            }
        }
        Ok(())
    }

    /// Refuses a plan that undoes what a revision of another package depends on.
    pub(crate) async fn refuse_dependents(&self, plan: &Plan, conn: &mut PgConnection) -> Result<(), Error> {
        let undone = plan.steps.iter().filter(|step| step.direction == Direction::Down);
        let undone: Vec<String> = undone.map(|step| step.revision.clone()).collect();
        refuse_dependents(self.migrations, self.options, &undone, conn).await
    }

    fn warn(&self, state: &State) {
        for (migration, _, _) in state.edited().filter(|(_, _, edit)| *edit == Edit::Cosmetic) {
            let file = migration.up_action().file().to_owned();
            self.options.tell(&Event::CosmeticEdit { revision: migration.id().to_owned(), file });
        }
        let revisions: Vec<String> = state.foreign().map(|row| row.revision.clone()).collect();
        if !revisions.is_empty() {
            self.options.tell(&Event::Ahead { revisions });
        }
        let revisions: Vec<String> = state.lost().map(|row| row.revision.clone()).collect();
        if !revisions.is_empty() {
            self.options.tell(&Event::Lost { revisions });
        }
    }
}

/// What a run has done; `state` is what it last read, and `plan` what followed from that.
pub(crate) fn report(state: &State, plan: &Plan, steps: Vec<Done>) -> Report {
    let heads = match plan.steps.last() {
        Some(step) => step.heads.clone(),
        None => state.heads().into_iter().map(|row| row.revision.clone()).collect(),
    };
    Report { steps, heads, unknown: state.unknown().map(|row| row.revision.clone()).collect() }
}
