//! The binary as its own tool: the verbs of `cargo migrate` that need a database, as a part of the application's own
//! command line. A production image needs neither cargo nor the files.
//!
//! An application that has a command line of its own adds [`Command`] to it:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use clap::Parser;
//! use migrate_runtime::{Migrations, command::Command};
//! # static MIGRATIONS: Migrations = Migrations::new("shop", &[]);
//!
//! #[derive(Parser)]
//! enum Cli {
//!     /// Serves the shop.
//!     Serve,
//!     /// Upgrades, downgrades and inspects the database.
//!     #[command(subcommand)]
//!     Migrate(Command),
//! }
//!
//! #[tokio::main]
//! async fn main() -> ExitCode {
//!     match Cli::parse() {
//!         Cli::Serve => ExitCode::SUCCESS,
//!         Cli::Migrate(command) => {
//!             let database: sqlx::postgres::PgConnectOptions = "postgres://localhost/shop".parse().unwrap();
//!             // In an application: `&migrations::MIGRATIONS`.
//!             command.run(&MIGRATIONS, &database).await
//!         }
//!     }
//! }
//! ```
//!
//! A program that is nothing else calls [`main`].
//!
//! Its options `-q`, `-v`, `--format` and `--color` belong to each verb; an application that has one of them as a global
//! option of its own gets clap's message about two of them in a debug build.
//!
//! What is printed, its JSON form and the exit codes are those of `cargo migrate`: 0 done, 1 failed, 2 usage, 3 a table that was not made by the build, 4 the database
//! cannot be reached or refuses, 5 `status --exit-code` or `current --check-heads` found something, 130 and 143 interrupted.

mod acting;
mod program;
mod verbs;

use std::process::ExitCode;

pub use program::main;

use crate::terminal::dsn::Dsn;
use crate::{Database, Migrations, Migrator, Options};

/// A verb with its arguments, as clap reads them.
#[derive(Clone, Debug, clap::Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Upgrades the database to a target.
    Upgrade(verbs::Upgrade),
    /// Downgrades the database to a target.
    Downgrade(verbs::Downgrade),
    /// Undoes what only another git branch has, then upgrades to the heads of this one.
    Switch(verbs::Switch),
    /// Shows the current heads of the database.
    Current(verbs::Current),
    /// Lists the revisions, newest first.
    History(verbs::History),
    /// Shows what is applied, pending, ahead or diverged.
    Status(verbs::Status),
    /// Records revisions as applied, or as not applied, and runs nothing.
    Stamp(verbs::Stamp),
}

impl<'m> From<&'m Migrations> for Migrator<'m> {
    fn from(migrations: &'m Migrations) -> Self {
        migrations.with(Options::default())
    }
}

impl Command {
    /// Does what was asked for and prints it; the exit code says how it ended. Options of the migrator hold where the command
    /// line gives no others. The connection is one of its own, also where a pool says where to connect.
    ///
    /// A signal, Ctrl-C or SIGTERM, ends the run and rolls back what was not committed.
    pub async fn run<'a>(self, migrator: impl Into<Migrator<'a>>, database: impl Into<Database<'a>>) -> ExitCode {
        let (migrator, database) = (migrator.into(), database.into());
        self.answer(migrator, Ok(Dsn::of(database.connect_options()))).await
    }
}
