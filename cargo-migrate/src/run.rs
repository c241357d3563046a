//! Upgrades and downgrades from the command line: the same executor that a binary runs.

use std::ffi::OsString;

use migrate_runtime::graph::Graph;
use migrate_runtime::plan::Direction;
use migrate_runtime::{Migrations, Options};

use crate::database;
use crate::dsn::Dsn;
use crate::invocation::Invocation;
use crate::journey::{Journey, Way};
use crate::manner::Manner;
use crate::project::Project;
use crate::report::{Failure, Kind};
use crate::runner::{self, Build};
use crate::{journey, offline, online, refusal};

/// How a run is made, and how what it needs is compiled.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct How {
    #[command(flatten)]
    pub(crate) manner: Manner,
    #[command(flatten)]
    build: Build,
}

/// How the package wants its runs to behave.
pub(crate) fn options_of(project: &Project) -> Result<Options, Failure> {
    project.manner().options(Options::default())
}

/// Takes the database to a target.
pub(crate) fn run(direction: Direction, target: &str, how: &How, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let table = project.history_for(direction)?.table(&project.package);
    let way = Way::toward(direction, target, &graph_of(&table)?)?;
    take(&way, &table, how, invocation)
}

/// The graph of a table. Each package's own was checked when its files were read.
fn graph_of(table: &Migrations) -> Result<Graph<'static>, Failure> {
    table.graph().map_err(|errors| refusal::graph(&errors))
}

/// Prints the SQL that leads to a target.
pub(crate) fn print(direction: Direction, target: &str, how: &How, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let table = project.history_for(direction)?.table(&project.package);
    let manner = how.manner.clone().or(project.manner());
    let migrator = table.with(manner.options(Options::default())?);
    let printed = online::runtime()?.block_on(offline::print(direction, target, &migrator, &invocation.shell, project));
    let typed = [journey::verb(direction).into(), target.into(), "--sql".into()].into_iter().chain(manner.arguments());
    or_compile(printed, how, typed.collect(), None, invocation)
}

/// Goes there, or prints the steps that it would take.
pub(crate) fn take(way: &Way, table: &Migrations, how: &How, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let dsn = database::find(invocation, project)?;
    let manner = how.manner.clone().or(project.manner());
    let migrator = table.with(manner.options(Options::default())?);
    let journey = Journey { shell: &invocation.shell, texts: project, dsn: &dsn };
    let taken = online::runtime()?.block_on(journey.take(way, migrator, manner.dry_run));
    let typed: Vec<OsString> = match way {
        Way::Toward(direction, target) => vec![journey::verb(*direction).into(), target.to_string().into()],
        Way::Switch => vec!["switch".into()],
    };
    or_compile(taken, how, typed.into_iter().chain(manner.arguments()).collect(), Some(&dsn), invocation)
}

/// Where only a compiled revision was in the way, the program that has it goes on. Nothing was done before.
fn or_compile(
    ended: Result<(), Failure>,
    how: &How,
    typed: Vec<OsString>,
    dsn: Option<&Dsn>,
    invocation: &Invocation,
) -> Result<(), Failure> {
    match (ended, &invocation.project()?.cargo) {
        (Err(failure), Some(package)) if failure.kind() == Kind::Uncompiled => {
            runner::hand_over(package, typed, &how.build, dsn, invocation)
        }
        (ended, _) => ended,
    }
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
