//! A library's lending desk: brings up PostgreSQL, upgrades its database, and tells which books are out.

mod isbn;
mod server;

/// The revisions in the folder `migrations`, compiled into this program.
pub mod migrations {
    migrate_runtime::include_migrations!();
}

use crate::server::Server;
use sqlx::PgPool;
use std::process::ExitCode;
use std::time::{Duration, Instant};

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
    let start = Instant::now();
    let server = Server::start()?;
    let outcome = open_the_desk(&server, start).await;
    outcome.and(server.stop())
}

async fn open_the_desk(server: &Server, start: Instant) -> Result<()> {
    let pool = server.connect().await?;
    println!("{} ({})", server.describe(), seconds(start.elapsed()));
    let outcome = lend(&pool).await;
    // The embedded server stops only when nobody is connected, also after a failure.
    pool.close().await;
    outcome
}

async fn lend(pool: &PgPool) -> Result<()> {
    upgrade(pool).await?;
    show_books(pool).await
}

async fn upgrade(pool: &PgPool) -> Result<()> {
    let start = Instant::now();
    let report = migrations::upgrade(pool).await?;
    for step in &report.steps {
        println!("  {} {} ({})", step.revision, step.summary, seconds(step.elapsed));
    }
    println!("database {report} ({})", seconds(start.elapsed()));
    Ok(())
}

async fn show_books(pool: &PgPool) -> Result<()> {
    let books: Vec<(String, String, Option<String>)> = sqlx::query_as(
        "SELECT books.isbn_13, books.title, readers.name
         FROM books
         LEFT JOIN loans ON loans.book = books.id AND loans.returned IS NULL
         LEFT JOIN readers ON readers.id = loans.reader
         ORDER BY books.title",
    )
    .fetch_all(pool)
    .await?;
    println!("\n{:<13}  {:<49}  out to", "ISBN", "title");
    for (isbn, title, reader) in books {
        println!("{isbn}  {title:<49}  {}", reader.as_deref().unwrap_or("-"));
    }
    Ok(())
}

fn seconds(duration: Duration) -> String {
    format!("{:.3} s", duration.as_secs_f64())
}
