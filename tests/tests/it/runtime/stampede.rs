//! Many processes at once, as when a release starts everywhere.

use std::time::{Duration, Instant};

use migrate_runtime::table::{Action, Checksum, Migration, RustScript, Transaction};
use migrate_runtime::{Context, Migrations, Result};
use migrate_tests::{Command, Database, Process, Project, cargo_migrate, embedded, history_folder};

const PROCESSES: usize = 64;

/// Nothing here takes that long.
const LIMIT: Duration = Duration::from_secs(60);

/// A database with the table in which each script leaves a line.
fn database() -> Database<'static> {
    let database = Database::new();
    let _ = database.ask(include_str!("../../../data/faults/log.sql"));
    database
}

/// A program that upgrades its own database, and says how many steps it took.
fn program(history: &str, database: &Database<'_>) -> Command {
    Command::new(env!("CARGO_BIN_EXE_embedded-under-test")).args([history]).env("DATABASE_URL", database.url())
}

/// Starts them all, waits for them all, and counts their steps.
#[expect(clippy::print_stdout, reason = "shown with --nocapture: how long it took")]
fn stampede(what: &str, command: &Command) -> usize {
    let begun = Instant::now();
    let processes: Vec<Process> = (0..PROCESSES).map(|_| command.clone().spawn()).collect();
    let n_steps = |process: Process| -> usize {
        let output = process.wait().success();
        output.stdout.split(' ').next().unwrap().parse().unwrap_or_else(|_| panic!("{output}"))
    };
    let n_steps = processes.into_iter().map(n_steps).sum();
    println!("{PROCESSES} processes, {what}: {:.2} s", begun.elapsed().as_secs_f64());
    n_steps
}

const ALL: &str = "r1 up, r3 up, r4 up, r5 up, r7 up 1 to 10, r7 up 11 to 20";
const LOG: &str = "SELECT string_agg(what, ', ' ORDER BY at) FROM log";

#[tokio::test(flavor = "multi_thread")]
async fn on_an_empty_a_half_migrated_and_a_current_database_each_revision_is_applied_once() {
    let (empty, half) = (database(), database());
    assert_eq!(stampede("empty database", &program("rust", &empty)), 7);
    assert_eq!(empty.ask(LOG), ALL);
    assert_eq!(stampede("current database", &program("rust", &empty)), 0);
    assert_eq!(empty.ask(LOG), ALL);

    embedded("rust").upgrade_to(&half.options(), "r3").await.unwrap();
    assert_eq!(stampede("half-migrated database", &program("rust", &half)), 5);
    assert_eq!(half.ask(LOG), ALL);
    assert_eq!(half.objects(), empty.objects());
}

#[test]
fn command_lines_apply_each_revision_once_too() {
    let (database, outside) = (database(), Project::empty());
    let folder = history_folder("mixed");
    let command = cargo_migrate!().args(["--dir".as_ref(), folder.as_os_str()]).args(["upgrade"]);
    let command = command.folder(outside.folder()).env("DATABASE_URL", database.url());
    let processes: Vec<Process> = (0..PROCESSES).map(|_| command.clone().spawn()).collect();
    for process in processes {
        process.wait().success();
    }
    assert_eq!(database.ask(LOG), "r1 up, r3 up, r4 up");
    assert_eq!(database.ask("SELECT count(*)::text FROM migrate_revisions WHERE statements_done = statements"), "4");
}

/// A session that waits for the lock reads who has it.
const WAITING: &str = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() \
    AND pid <> pg_backend_pid() AND query LIKE '%pg_locks%'";
const BUILDING: &str = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() \
    AND wait_event_type = 'Lock' AND query LIKE 'CREATE INDEX CONCURRENTLY%'";

#[tokio::test(flavor = "multi_thread")]
async fn twenty_wait_while_an_index_is_built_concurrently() {
    let database = database();
    embedded("mixed").upgrade_to(&database.options(), "r1").await.unwrap();
    // A writer, for whose end the build waits.
    let mut writer = database.connect().await;
    sqlx::raw_sql("BEGIN; INSERT INTO shared VALUES (1)").execute(&mut writer).await.unwrap();
    let builder = program("mixed", &database).spawn();
    wait_for(&database, BUILDING, "1");
    let waiting: Vec<Process> = (0..20).map(|_| program("mixed", &database).spawn()).collect();
    wait_for(&database, WAITING, "20");
    sqlx::raw_sql("COMMIT").execute(&mut writer).await.unwrap();
    let _ = builder.wait().success();
    for process in waiting {
        process.wait().success();
    }
    assert_eq!(database.ask("SELECT string_agg(indisvalid::text, ',') FROM pg_index WHERE indrelid = 'shared'::regclass AND NOT indisprimary"), "true,true");
    assert_eq!(database.ask(LOG), "r1 up, r3 up, r4 up");
}

/// Asks until the answer is this.
fn wait_for(database: &Database<'_>, query: &str, answer: &str) {
    let begun = Instant::now();
    loop {
        let now = database.ask(query);
        if now == answer {
            return;
        }
        assert!(begun.elapsed() < LIMIT, "{query}: {now}, not {answer}");
    }
}

async fn panics(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("CREATE TABLE half ()").await?;
    panic!("a revision's own mistake");
}

fn panicking(transaction: Transaction) -> Migrations {
    let script = RustScript::new("p1/migration.rs", |cx| Box::pin(panics(cx))).transaction(transaction);
    let migration = Migration::new("p1", "panics", [Checksum::new([1; 32]); 2], Action::Rust(script));
    Migrations::new("panicking", vec![migration].leak())
}

#[tokio::test]
async fn a_panic_in_a_revision_frees_the_lock() {
    for (transaction, is_left) in [(Transaction::PerRevision, "false"), (Transaction::None, "true")] {
        let (database, table) = (database(), panicking(transaction));
        let options = database.options();
        let end = tokio::spawn(async move { table.upgrade(&options).await }).await;
        assert!(end.unwrap_err().is_panic());
        let report = embedded("transactional").upgrade(&database.options()).await.unwrap();
        assert_eq!(report.steps.len(), 3);
        assert_eq!(database.ask("SELECT (to_regclass('half') IS NOT NULL)::text"), is_left);
    }
}
