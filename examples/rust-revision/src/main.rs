//! A weather service: its history has revisions in Rust, where SQL is not enough.
//!
//! ```text
//! create_stations     SQL
//! first_readings      SQL    20,000 of them
//! convert_positions   Rust   parses text with a function of this program, in one transaction
//! store_celsius       Rust   fills a column in batches, each a commit, with `transaction: none`
//! require_celsius     SQL
//! create_archive      Rust   writes SQL in a loop
//! ```
//!
//! With a database of yours in `DATABASE_URL`, the program upgrades it and shows how far the batches are:
//!
//! ```sh
//! export DATABASE_URL=postgres://postgres@localhost/weather
//! cargo run -p rust-revision
//! ```
//!
//! The command line does the same, from this folder. When a Rust revision is due it compiles them first, with what they
//! use of this program, and becomes that program; while only SQL is due nothing is compiled:
//!
//! ```sh
//! cargo migrate upgrade first_readings    # two revisions in SQL
//! cargo migrate upgrade                   # compiles, then the rest
//! cargo migrate downgrade require_celsius # compiles nothing again, and drops the archive
//! ```
//!
//! # Without a connection
//!
//! `cargo migrate upgrade --sql` prints the statements for somebody else to run. Of a Rust revision that is what it gives
//! to `Context::execute`. `create_archive` does nothing else and is printed:
//!
//! ```sh
//! cargo migrate upgrade --sql require_celsius:heads
//! ```
//!
//! `convert_positions` reads rows to know what to write, which nobody can tell without the rows: there `--sql` ends, with
//! the line in `migration.rs` that asks for the connection.
//!
//! # When it is interrupted
//!
//! `convert_positions` is in a transaction: it is applied or it is not. `store_celsius` is not, and may be cut off between
//! two batches; the next start calls it again from its beginning, and its batches go on where they were. So what is
//! outside of the batches is repeatable: `ADD COLUMN IF NOT EXISTS`.

mod position;

/// The revisions in the folder `migrations`, compiled into this program.
pub mod migrations {
    migrate_runtime::include_migrations!();
}

use migrate_runtime::{Event, Options};
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use std::env;
use std::process::ExitCode;

type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let url =
        env::var("DATABASE_URL").map_err(|_| "DATABASE_URL names no database, as in postgres://me@host/weather")?;
    // What could not be read may hold a password, and is not repeated.
    let options: PgConnectOptions = url.parse().map_err(|_| "DATABASE_URL is not the URL of a database")?;
    // A run needs no pool: it makes a connection of its own, and says at once why it cannot.
    let report = migrations::MIGRATIONS.with(Options::default().on_event(tell)).upgrade(&options).await?;
    println!("database {report}");
    let pool = PgPool::connect_with(options).await?;
    show_stations(&pool).await
}

/// Prints what a revision says while it runs.
fn tell(event: &Event) {
    match event {
        Event::Started { revision, summary, .. } => println!("{revision} {summary}"),
        Event::Progress { done, total: Some(total), .. } => println!("  {done} of {total} rows"),
        Event::Log { text, .. } => println!("  {text}"),
        _ => {}
    }
}

async fn show_stations(pool: &PgPool) -> Result<()> {
    let stations: Vec<(String, f64, f64, f64)> = sqlx::query_as(
        "SELECT stations.name, stations.latitude, stations.longitude, avg(readings.celsius)
         FROM stations
         JOIN readings ON readings.station = stations.id
         GROUP BY stations.id
         ORDER BY stations.name",
    )
    .fetch_all(pool)
    .await?;
    println!("\n{:<10}  {:>9}  {:>9}  {:>7}", "station", "latitude", "longitude", "average");
    for (name, latitude, longitude, celsius) in stations {
        println!("{name:<10}  {latitude:>9.4}  {longitude:>9.4}  {celsius:>4.1} °C");
    }
    Ok(())
}
