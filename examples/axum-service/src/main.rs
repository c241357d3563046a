//! A web service for notes that upgrades its own database when it starts, and says when it is ready.
//!
//! ```sh
//! export DATABASE_URL=postgres://postgres@localhost/notes
//! cargo run -p axum-service
//! curl -i localhost:3000/ready
//! curl -i localhost:3000/notes --json '{"text": "Buy tea.", "author": "Ada"}'
//! curl -i localhost:3000/notes
//! ```
//!
//! The process listens at once, whatever the database does, and two routes tell an orchestrator how it is:
//!
//! - `/live` is 200 as long as the process can answer. It does not ask the database: to start the process again would not
//!   bring that back.
//! - `/ready` is 200 when requests should come here, else 503 with the reason. It compares the database with the revisions
//!   in the program each time it is asked, in one round trip: `migrations::verify`.
//!
//! | the database | the service |
//! |---|---|
//! | is behind | upgrades it, and is ready then; `/notes` is 503 until then |
//! | is behind, and another replica is upgrading it | waits for that one, and is ready then |
//! | is behind, with `ON_START=wait` | waits for a job that runs `axum-service db upgrade` |
//! | is ahead: a newer release was here | is ready, and says so |
//! | is ahead by a revision marked `breaks-older` | is not ready, from the moment that revision is applied |
//! | has another history | is not ready, and says what differs |
//! | is away, or refuses a revision | is not ready, tries again with growing pauses, and goes on by itself |
//!
//! A failed upgrade does not end the process: `/ready` keeps the release from being rolled out, and the reason can be read
//! there and in the log. SIGTERM or Ctrl-C lets requests under way end, for ten seconds at most. Of a revision under way
//! nobody waits for the end: the server rolls it back, or completes and records it, and the next start goes on from there.
//!
//! # In production
//!
//! The program has the verbs of `cargo migrate` that need a database. An image needs neither cargo nor the files:
//!
//! ```sh
//! axum-service db status --exit-code
//! axum-service db upgrade --dry-run
//! axum-service db downgrade -1
//! ```
//!
//! Replicas may all start with `ON_START=upgrade`, the default: each revision is applied by one of them. Where the
//! service's role may not change the schema, a job with another role runs `axum-service db upgrade`, and the service has
//! `ON_START=wait`.

mod bringing_up;
mod gate;
mod health;
mod notes;
mod serving;

/// The revisions in the folder `migrations`, compiled into this program.
pub mod migrations {
    migrate_runtime::include_migrations!();
}

use crate::serving::Serve;
use clap::Parser;
use migrate_runtime::command::Command;
use sqlx::postgres::PgConnectOptions;
use std::process::ExitCode;

/// A service for notes. The database is named by DATABASE_URL.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Upgrades, downgrades and inspects the database.
    #[command(subcommand)]
    Db(Command),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let database = match database() {
        Ok(database) => database,
        Err(problem) => {
            eprintln!("error: {problem}\nhelp: it has the form postgres://user:password@host:5432/database");
            return ExitCode::from(2);
        }
    };
    match cli.verb {
        Some(Verb::Db(command)) => command.run(&migrations::MIGRATIONS, &database).await,
        None => match cli.serve.run(database).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        },
    }
}

/// How to connect. What could not be read may hold a password, and is not repeated.
fn database() -> Result<PgConnectOptions, &'static str> {
    let url = std::env::var("DATABASE_URL").map_err(|_| "DATABASE_URL names no database")?;
    url.parse().map_err(|_| "DATABASE_URL is not the URL of a PostgreSQL database")
}
