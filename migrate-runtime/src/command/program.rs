//! A program that is nothing but its revisions.

use std::env;
use std::process::ExitCode;

use clap::Parser;

use crate::command::Command;
use crate::terminal::dsn::Dsn;
use crate::terminal::report::{Failure, Kind};
use crate::{Migrations, Options};

/// Upgrades, downgrades and inspects a Postgres database.
#[derive(Debug, Parser)]
#[command(about)]
struct Program {
    /// The database; else DATABASE_URL from the environment.
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    #[command(subcommand)]
    command: Command,
}

/// The whole `main` of a program that is nothing but its revisions, for a job that migrates before a release starts:
///
/// ```no_run
/// # mod migrations { pub static MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::Migrations::new("shop", &[]); }
/// fn main() -> std::process::ExitCode {
///     migrate_runtime::command::main(&migrations::MIGRATIONS)
/// }
/// ```
///
/// The database is named by `--database-url` or by `DATABASE_URL` in the environment. It starts a tokio runtime of its own.
#[must_use]
pub fn main(migrations: &Migrations) -> ExitCode {
    let program = Program::parse();
    let dsn = match (program.database_url, env::var("DATABASE_URL").ok().filter(|url| !url.is_empty())) {
        (Some(url), _) => Dsn::parse(&url, "`--database-url`"),
        (None, Some(url)) => Dsn::parse(&url, "`DATABASE_URL` in the environment"),
        (None, None) => Err(Failure::new(Kind::Usage, "no database is named: `DATABASE_URL` is not set")
            .help("pass `--database-url postgres://user@host/database`, or set `DATABASE_URL`")),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    // Without it there is nothing that could be said in any form but this.
    let runtime = runtime.unwrap_or_else(|error| panic!("could not start the asynchronous runtime: {error}"));
    runtime.block_on(program.command.answer(migrations.with(Options::default()), dsn))
}
