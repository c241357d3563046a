//! Histories that a program carries within it: those in `data/faults`, and one that goes on with Rust revisions.

use migrate_build::History;
use migrate_runtime::table::{Action, Checksum, Migration, RustScript, Transaction};
use migrate_runtime::{Context, Migrations, Result};
use std::path::{Path, PathBuf};

/// The history `mixed`, followed by Rust revisions.
const WITH_RUST: &str = "rust";

/// The folder of a history in `data/faults`.
#[must_use]
pub fn history_folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/faults").join(name)
}

/// The table of a history of that name.
///
/// # Panics
///
/// Panics when there is none, or when it is not in order.
#[must_use]
pub fn embedded(name: &str) -> Migrations {
    let folder = if name == WITH_RUST { "mixed" } else { name };
    let history = History::read(&history_folder(folder), Path::new(folder));
    let table = history.unwrap_or_else(|problems| panic!("{problems}")).table("embedded");
    if name != WITH_RUST {
        return table;
    }
    let mut list = table.list().to_vec();
    list.extend([in_transaction(), without_transaction()]);
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
