//! Histories that a program carries within it: those in `data/faults`, one that goes on with Rust revisions, and one that
//! works in batches.

use migrate_build::{Crates, History};
use migrate_runtime::table::{Action, Checksum, Migration, RustScript, Transaction};
use migrate_runtime::{Context, Migrations, Result};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The history `mixed`, followed by Rust revisions.
const WITH_RUST: &str = "rust";

/// The folder of a history in `data/faults`.
#[must_use]
pub fn history_folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/faults").join(name)
}

/// A history whose one revision works in batches.
const BATCHES: &str = "batches";

/// The table of a history of that name.
///
/// # Panics
///
/// Panics when there is none, or when it is not in order.
#[must_use]
pub fn embedded(name: &str) -> Migrations {
    if name == BATCHES {
        return Migrations::new("embedded", vec![in_batches()].leak());
    }
    let folder = if name == WITH_RUST { "mixed" } else { name };
    let history = History::read(&history_folder(folder), Path::new(folder), &Crates::none());
    let table = history.unwrap_or_else(|problems| panic!("{problems}")).table("embedded");
    if name != WITH_RUST {
        return table;
    }
    let mut list = table.list().to_vec();
    list.extend([in_transaction(), without_transaction(), in_few_batches()]);
    // A table lasts as long as the program, as one that the build makes does.
    Migrations::new("embedded", list.leak())
}

fn in_transaction() -> Migration {
    let script = |function| Action::Rust(RustScript::new("r5/migration.rs", function));
    Migration::new("r5", "rust", [Checksum::new([5; 32]); 2], script(|cx| Box::pin(up(cx))))
        .summary("By a function.")
        .parents(&["r4"])
        .down(script(|cx| Box::pin(down(cx))))
}

fn without_transaction() -> Migration {
    let script = |function| Action::Rust(RustScript::new("r6/migration.rs", function).transaction(Transaction::None));
    Migration::new("r6", "rust_again", [Checksum::new([6; 32]); 2], script(|cx| Box::pin(up_again(cx))))
        .summary("By a function without a transaction.")
        .parents(&["r5"])
        .down(script(|cx| Box::pin(down_again(cx))))
}

fn in_batches() -> Migration {
    let script = RustScript::new("b1/migration.rs", |cx| Box::pin(count(cx))).transaction(Transaction::None);
    Migration::new("b1", "count", [Checksum::new([7; 32]); 2], Action::Rust(script))
}

async fn up(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("CREATE TABLE by_rust (a integer)").await?;
    sqlx::query("INSERT INTO log (what) VALUES ($1)").bind("r5 up").execute(cx.conn()?).await?;
    cx.execute("ALTER TABLE shared ADD COLUMN c integer").await
}

async fn down(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("ALTER TABLE shared DROP COLUMN c; DROP TABLE by_rust").await?;
    sqlx::query("INSERT INTO log (what) VALUES ($1)").bind("r5 down").execute(cx.conn()?).await?;
    Ok(())
}

/// A function without a transaction is called again after it was cut off: what it does, it does once.
async fn up_again(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("CREATE TABLE IF NOT EXISTS again (a integer)").await?;
    cx.execute("VACUUM again").await
}

async fn down_again(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("DROP TABLE IF EXISTS again").await
}

fn in_few_batches() -> Migration {
    let script = |function| Action::Rust(RustScript::new("r7/migration.rs", function).transaction(Transaction::None));
    Migration::new("r7", "in_batches", [Checksum::new([8; 32]); 2], script(|cx| Box::pin(up_in_batches(cx))))
        .summary("By a function in batches.")
        .parents(&["r6"])
        .down(script(|cx| Box::pin(down_in_batches(cx))))
}

/// A batch that is done twice leaves a line twice; what is around the batches may be done again.
async fn up_in_batches(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("CREATE TABLE IF NOT EXISTS batched (id integer PRIMARY KEY)").await?;
    cx.execute("INSERT INTO batched SELECT generate_series(1, 20) ON CONFLICT DO NOTHING").await?;
    let note = "INSERT INTO log (what) VALUES ('r7 up ' || $1::integer || ' to ' || $2::integer)";
    cx.batches_by("batched", "id", note).sizes(10..=10).await?;
    cx.execute("ALTER TABLE batched ADD COLUMN IF NOT EXISTS a integer").await
}

async fn down_in_batches(cx: &mut Context<'_>) -> Result<()> {
    let rows = "SELECT id FROM batched ORDER BY id LIMIT $1";
    let gone = format!(
        "WITH gone AS (DELETE FROM batched WHERE id IN ({rows}) RETURNING id), note AS (INSERT INTO log (what) SELECT 'r7 down ' || min(id) FROM gone HAVING count(*) > 0) SELECT FROM gone"
    );
    cx.batches(gone).sizes(10..=10).await?;
    cx.execute("DROP TABLE IF EXISTS batched").await
}

/// Counts for each row how often it was done. The table is that of the test.
async fn count(cx: &mut Context<'_>) -> Result<()> {
    cx.batches_by("items", "id", "UPDATE items SET n = n + 1 WHERE id BETWEEN $1 AND $2")
        .total_of("SELECT count(*) FROM items")
        // Not so short that a busy machine, on which every message takes long, makes them tiny.
        .target(Duration::from_millis(250))
        .sizes(1_000..=60_000)
        .await?;
    Ok(())
}
