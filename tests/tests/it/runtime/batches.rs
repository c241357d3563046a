//! Backfills in batches: each row once, whatever happens in between.

mod interrupted;
mod million;
mod refused;
mod within;

use migrate_runtime::table::{Action, Checksum, Migration, RustScript, Transaction};
use migrate_runtime::{Context, Event, Migrations, Result};
use migrate_tests::Database;
use tokio::task::JoinHandle;

use super::folder::Heard;

/// A function as a test gives it: nothing is captured, so it is one of the table's.
type Function =
    for<'c, 'conn> fn(&'c mut Context<'conn>) -> std::pin::Pin<Box<dyn Future<Output = Result<()>> + Send + 'c>>;

/// A history of one Rust revision.
fn revision(up: Function, transaction: Transaction) -> Migrations {
    // A table lasts as long as the program, as one that the build makes does.
    Migrations::new("app", vec![migration(up, transaction)].leak())
}

/// The same with what undoes it, both without a transaction.
fn reversible(up: Function, down: Function) -> Migrations {
    Migrations::new("app", vec![migration(up, Transaction::None).down(action(down, Transaction::None))].leak())
}

fn migration(up: Function, transaction: Transaction) -> Migration {
    Migration::new("r1", "one", [Checksum::new([1; 32]); 2], action(up, transaction))
}

fn action(function: Function, transaction: Transaction) -> Action {
    Action::Rust(RustScript::new("r1/migration.rs", function).transaction(transaction))
}

/// A database with a table `items` of so many rows, none of which was done.
fn items(n: u32) -> Database<'static> {
    let database = Database::new();
    database.psql(&format!(
        "CREATE TABLE items (id bigint PRIMARY KEY, n integer NOT NULL DEFAULT 0, done boolean NOT NULL DEFAULT false);
         INSERT INTO items (id) SELECT generate_series(1, {n})"
    ));
    database
}

/// How often the rows were done, as `times|rows` lines.
fn counts(database: &Database<'_>) -> String {
    database.psql("SELECT n, count(*) FROM items GROUP BY n ORDER BY n")
}

/// What is recorded of the batches: rows, total, cursor.
fn recorded(database: &Database<'_>) -> String {
    database.psql("SELECT batch_rows, batch_total, batch_cursor FROM migrate_revisions")
}

/// How many rows were done at each event, and the total that it told.
fn progress(heard: &Heard) -> Vec<(u64, Option<u64>)> {
    let events = heard.events();
    let told = events.iter().filter_map(|event| match event {
        Event::Progress { done, total, .. } => Some((*done, *total)),
        _ => None,
    });
    told.collect()
}

/// Waits until such an event was told by a run that goes on.
async fn told<T>(heard: &Heard, run: &JoinHandle<T>, is_it: impl Fn(&Event) -> bool) {
    while !heard.events().iter().any(&is_it) {
        assert!(!run.is_finished(), "the run ended without it: {:?}", heard.events());
        tokio::task::yield_now().await;
    }
}

/// The line of this file's text that an error names.
fn line_of<'t>(source: &'t str, error: &str) -> &'t str {
    let line = error.split("r1/migration.rs:").nth(1).and_then(|rest| rest.split(':').next());
    let line: usize = line.and_then(|line| line.parse().ok()).unwrap_or_else(|| panic!("no line in: {error}"));
    source.lines().nth(line - 1).unwrap()
}
