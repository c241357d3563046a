//! Upgrades and downgrades from the command line: the same executor that a binary runs.

use migrate_runtime::plan::Direction;
use migrate_runtime::{Migrations, Options};

use crate::database;
use crate::invocation::Invocation;
use crate::journey::{Journey, Way};
use crate::manner::Manner;
use crate::project::Project;
use crate::report::Failure;
use crate::{offline, online};

/// How the package wants its runs to behave.
pub(crate) fn options_of(project: &Project) -> Result<Options, Failure> {
    project.manner().options(Options::default())
}

/// Takes the database to a target.
pub(crate) fn run(direction: Direction, target: &str, manner: &Manner, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let history = project.history_for(direction)?;
    let way = Way::toward(direction, target, &history.graph())?;
    take(&way, &history.table(&project.package), manner, invocation)
}

/// Prints the SQL that leads to a target.
pub(crate) fn print(
    direction: Direction,
    target: &str,
    manner: &Manner,
    invocation: &Invocation,
) -> Result<(), Failure> {
    let project = invocation.project()?;
    let table = project.history_for(direction)?.table(&project.package);
    let migrator = table.with(manner.clone().or(project.manner()).options(Options::default())?);
    online::runtime()?.block_on(offline::print(direction, target, &migrator, &invocation.shell, project))
}

/// Goes there, or prints the steps that it would take.
pub(crate) fn take(way: &Way, table: &Migrations, manner: &Manner, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let manner = manner.clone().or(project.manner());
    let migrator = table.with(manner.options(Options::default())?);
    on_database(invocation, async |journey| journey.take(way, migrator, manner.dry_run).await)
}

/// Does something with the database that is meant.
pub(crate) fn on_database<T>(
    invocation: &Invocation,
    work: impl AsyncFnOnce(Journey<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let project = invocation.project()?;
    let dsn = database::find(invocation, project)?;
    online::runtime()?.block_on(work(Journey { shell: &invocation.shell, texts: project, dsn: &dsn }))
}
