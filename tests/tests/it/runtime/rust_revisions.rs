//! Rust revisions: in the same history, in the revision's transaction.

use migrate_runtime::table::{Action, Checksum, Migration, RustScript, Transaction};
use migrate_runtime::{Context, Error, Migrations, Result, Verdict};
use migrate_tests::Database;

const CHECKSUMS: [Checksum; 2] = [Checksum::new([1; 32]), Checksum::new([2; 32])];

async fn up(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("CREATE TABLE t (a int); CREATE TABLE u (a int)").await?;
    sqlx::query("INSERT INTO t VALUES ($1)").bind(7).execute(cx.conn()?).await?;
    Ok(())
}

async fn down(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("DROP TABLE t; DROP TABLE u").await
}

async fn fails(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("CREATE TABLE gone ()").await?;
    cx.execute("SELECT nope").await?;
    Ok(())
}

async fn commits(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("CREATE TABLE stays (); COMMIT").await
}

async fn swallows(cx: &mut Context<'_>) -> Result<()> {
    let _ = cx.execute("SELECT nope").await;
    Ok(())
}

async fn leaves_open(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("BEGIN; CREATE TABLE left_open ()").await
}

async fn counts(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("CREATE TABLE IF NOT EXISTS n (); INSERT INTO n DEFAULT VALUES; SELECT pg_sleep(0.05)").await
}

async fn vacuums(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("VACUUM t").await
}

static GOOD: Migrations = Migrations::new(
    "app",
    &[
        Migration::new("r1", "one", CHECKSUMS, Action::Rust(RustScript::new("r1/migration.rs", |cx| Box::pin(up(cx)))))
            .down(Action::Rust(RustScript::new("r1/migration.rs", |cx| Box::pin(down(cx))))),
        Migration::new(
            "r2",
            "two",
            CHECKSUMS,
            Action::Rust(RustScript::new("r2/migration.rs", |cx| Box::pin(vacuums(cx))).transaction(Transaction::None)),
        )
        .parents(&["r1"])
        .down(Action::Rust(
            RustScript::new("r2/migration.rs", |cx| Box::pin(vacuums(cx))).transaction(Transaction::None),
        )),
    ],
);

static FAILS: Migrations = Migrations::new(
    "app",
    &[Migration::new(
        "r1",
        "one",
        CHECKSUMS,
        Action::Rust(RustScript::new("r1/migration.rs", |cx| Box::pin(fails(cx)))),
    )],
);

static COMMITS: Migrations = Migrations::new(
    "app",
    &[Migration::new(
        "r1",
        "one",
        CHECKSUMS,
        Action::Rust(RustScript::new("r1/migration.rs", |cx| Box::pin(commits(cx)))),
    )],
);

static SWALLOWS: Migrations = Migrations::new(
    "app",
    &[Migration::new(
        "r1",
        "one",
        CHECKSUMS,
        Action::Rust(RustScript::new("r1/migration.rs", |cx| Box::pin(swallows(cx)))),
    )],
);

static LEAVES_OPEN: Migrations = Migrations::new(
    "app",
    &[Migration::new(
        "r1",
        "one",
        CHECKSUMS,
        Action::Rust(RustScript::new("r1/migration.rs", |cx| Box::pin(leaves_open(cx))).transaction(Transaction::None)),
    )],
);

static COUNTS: Migrations = Migrations::new(
    "app",
    &[Migration::new(
        "r1",
        "one",
        CHECKSUMS,
        Action::Rust(RustScript::new("r1/migration.rs", |cx| Box::pin(counts(cx))).transaction(Transaction::None)),
    )],
);

#[tokio::test]
async fn an_error_that_was_ignored_is_told() {
    let database = Database::new();
    let error = SWALLOWS.upgrade(&database.pool()).await.unwrap_err().to_string();
    assert!(error.starts_with("revision r1 (r1/migration.rs) went on after a statement had failed"), "{error}");
}

#[tokio::test]
async fn a_transaction_that_was_left_open_is_not_taken_for_done() {
    let database = Database::new();
    for _ in 0..2 {
        let error = LEAVES_OPEN.upgrade(&database.pool()).await.unwrap_err().to_string();
        assert!(error.starts_with("revision r1 (r1/migration.rs) left a transaction open"), "{error}");
    }
    assert_eq!(
        database.psql("SELECT to_regclass('left_open') IS NULL, statements_done FROM migrate_revisions"),
        "t|0\n"
    );
}

#[tokio::test]
async fn of_many_starters_one_runs_what_has_no_transaction() {
    let database = Database::new();
    let mut starters = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let options = database.options();
        starters.spawn(async move { COUNTS.upgrade(&options).await.unwrap().steps.len() });
    }
    assert_eq!(starters.join_all().await.into_iter().sum::<usize>(), 1);
    assert_eq!(database.psql("SELECT count(*) FROM n"), "1\n");
}

#[tokio::test]
async fn they_run_up_and_down() {
    let database = Database::new();
    GOOD.upgrade(&database.pool()).await.unwrap();
    assert_eq!(GOOD.verify(&database.pool()).await.unwrap(), Verdict::UpToDate);
    assert_eq!(database.psql("SELECT a FROM t"), "7\n");
    GOOD.downgrade_to(&database.pool(), "base").await.unwrap();
    assert_eq!(database.psql("SELECT to_regclass('t') IS NULL, count(*) FROM migrate_revisions"), "t|0\n");
}

#[tokio::test]
async fn a_failure_names_the_line_of_the_call_and_leaves_nothing() {
    let database = Database::new();
    let error = FAILS.upgrade(&database.pool()).await.unwrap_err();
    let Error::Rust { line: Some(line), .. } = &error else { panic!("{error:?}") };
    let source = include_str!("rust_revisions.rs").lines().nth(*line as usize - 1).unwrap();
    assert!(source.contains("SELECT nope"), "{source}");
    assert!(error.to_string().starts_with(&format!("revision r1 failed at r1/migration.rs:{line}: ")), "{error}");
    assert!(error.to_string().contains("column \"nope\" does not exist"), "{error}");
    assert_eq!(database.psql("SELECT to_regclass('gone') IS NULL, to_regclass('migrate_revisions') IS NULL"), "t|t\n");
}

/// sqlx records such a revision as applied; here it stays marked as unfinished, and nothing goes on over it.
#[tokio::test]
async fn one_that_commits_by_itself_is_never_recorded_as_whole() {
    let database = Database::new();
    let error = COMMITS.upgrade(&database.pool()).await.unwrap_err().to_string();
    assert!(error.starts_with("revision r1 (r1/migration.rs) ended its own transaction"), "{error}");
    assert_eq!(database.psql("SELECT statements_done, statements FROM migrate_revisions"), "0|1\n");
    let error = COMMITS.upgrade(&database.pool()).await.unwrap_err().to_string();
    assert!(
        error.contains("is recorded as unfinished: it ended its own transaction, or was begun without one"),
        "{error}"
    );
}
