//! Other sessions' locks: a revision does not wait for long, says who is in the way, and is tried again.

use std::time::Duration;

use migrate_runtime::{Error, Event, Options};
use migrate_tests::Database;
use sqlx::Executor as _;

use super::folder::{Folder, Heard};

fn folder() -> Folder {
    let mut folder = Folder::new();
    folder.add("r1", "CREATE TABLE t (a int);", None);
    folder.add("r2", "CREATE TABLE u (); ALTER TABLE t ADD b int;", None);
    folder
}

#[tokio::test]
async fn a_revision_that_is_locked_out_is_tried_again_until_it_may() {
    let (database, folder) = (Database::new(), folder());
    folder.table().upgrade_to(&database.options(), "r1").await.unwrap();
    let mut reader = database.connect().await;
    reader.execute("SET application_name = 'report'; BEGIN; SELECT * FROM t").await.unwrap();
    let heard = Heard::default();
    let (table, options, connect) = (folder.table(), heard.options(), database.options());
    let upgrade = tokio::spawn(async move { table.with(options).upgrade(&connect).await });
    while !heard.events().iter().any(|event| matches!(event, Event::Retrying { .. })) {
        tokio::task::yield_now().await;
    }
    // While it pauses nothing of it is locked: who comes next does not wait behind it.
    database.psql("SET lock_timeout = '1s'; INSERT INTO t VALUES (1)");
    reader.execute("COMMIT").await.unwrap();
    assert_eq!(upgrade.await.unwrap().unwrap().steps.len(), 1);
    let events = heard.events();
    let blockers = events.iter().find_map(|event| match event {
        Event::Blocked { blockers, .. } => Some(blockers),
        _ => None,
    });
    let [blocker] = &blockers.expect("an event")[..] else { panic!("{events:?}") };
    assert_eq!((blocker.application.as_str(), blocker.state.as_str()), ("report", "idle in transaction"));
    assert!(blocker.query.contains("SELECT * FROM t") && blocker.age > Duration::ZERO, "{blocker:?}");
    assert!(blocker.to_string().contains("(application \"report\"), idle in transaction for "), "{blocker}");
    let n_started = events.iter().filter(|event| matches!(event, Event::Started { .. })).count();
    assert_eq!(n_started, 1);
}

#[tokio::test]
async fn the_tries_end_and_the_limits_are_the_callers() {
    let (database, folder) = (Database::new(), folder());
    folder.table().upgrade_to(&database.options(), "r1").await.unwrap();
    let mut reader = database.connect().await;
    reader.execute("BEGIN; SELECT * FROM t").await.unwrap();
    // Long enough for a look at who is in the way.
    let options = Options::default().lock_timeout(Duration::from_secs(3)).retry_timeout(Duration::from_millis(100));
    let error = folder.table().with(options).upgrade(&database.options()).await.unwrap_err();
    let Error::LockedOut { blockers, source, .. } = &error else { panic!("{error}") };
    assert!(matches!(**source, Error::Statement(_)), "{source}");
    assert_eq!(blockers.len(), 1, "{error}");
    let text = error.to_string();
    assert!(text.contains("canceling statement due to lock timeout (SQLSTATE 55P03)"), "{text}");
    assert!(text.contains(&format!("in the way: {}", blockers[0])), "{text}");
    assert_eq!(database.psql("SELECT to_regclass('u') IS NULL, count(*) FROM migrate_revisions"), "t|1\n");
    reader.execute("COMMIT").await.unwrap();

    let mut slow = Folder::new();
    slow.add("r1", "CREATE TABLE s (); SELECT pg_sleep(60);", None);
    let database = Database::new();
    let options = Options::default().statement_timeout(Duration::from_millis(100));
    let error = slow.table().with(options).upgrade(&database.options()).await.unwrap_err().to_string();
    assert!(error.contains("canceling statement due to statement timeout (SQLSTATE 57014)"), "{error}");
    // What the role has for its queries is no limit for a revision.
    database.psql(&format!("ALTER DATABASE {} SET statement_timeout = '50ms'", database.name()));
    slow.write("r1", "up.sql", "--! R.\n--!\n--! parent: base\n\nSELECT pg_sleep(0.2);\n");
    slow.table().upgrade(&database.options()).await.unwrap();
}

#[tokio::test]
async fn a_version_table_that_somebody_has_locked_is_not_waited_for_without_end() {
    let (database, mut folder) = (Database::new(), folder());
    folder.table().upgrade(&database.options()).await.unwrap();
    folder.add_with("r3", "--! transaction: none\n", "VACUUM t;", None);
    let mut other = database.connect().await;
    other.execute("BEGIN; LOCK TABLE migrate_revisions IN SHARE MODE").await.unwrap();
    let options = Options::default().lock_timeout(Duration::from_millis(50)).retry_timeout(Duration::from_millis(100));
    let (table, connect) = (folder.table(), database.options());
    let migrator = table.with(options);
    let end = tokio::time::timeout(Duration::from_secs(30), migrator.upgrade(&connect)).await.expect("it gives up");
    let error = end.unwrap_err().to_string();
    assert!(error.contains("55P03"), "{error}");
    other.execute("COMMIT").await.unwrap();
    assert_eq!(folder.table().upgrade(&database.options()).await.unwrap().steps.len(), 1);
}

/// Two sessions that take the same locks in another order: the server ends one of them.
#[tokio::test]
async fn the_victim_of_a_deadlock_is_tried_again() {
    let (database, mut folder) = (Database::new(), Folder::new());
    folder.add("r1", "CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE gate ();", None);
    // It waits for the gate between its two locks, and the gate is opened when the other session waits for `a`: the
    // circle is there as soon as it waits for `b`, and the server looks for one only once in each wait.
    folder.add("r2", "LOCK a; LOCK gate; LOCK b; CREATE TABLE c ();", None);
    folder.table().upgrade_to(&database.options(), "r1").await.unwrap();
    let (mut other, mut gate) = (database.connect().await, database.connect().await);
    other.execute("SET deadlock_timeout = '1h'; BEGIN; LOCK b").await.unwrap();
    gate.execute("BEGIN; LOCK gate").await.unwrap();
    let heard = Heard::default();
    let options = heard.options().lock_timeout(Duration::ZERO);
    let (table, connect) = (folder.table(), database.options().options([("deadlock_timeout", "10ms")]));
    let upgrade = tokio::spawn(async move { table.with(options).upgrade(&connect).await });
    wait_for_a_waiter(&database, "gate").await;
    let other = tokio::spawn(async move { other.execute("LOCK a; COMMIT").await.map(drop) });
    wait_for_a_waiter(&database, "a").await;
    gate.execute("COMMIT").await.unwrap();
    other.await.unwrap().unwrap();
    assert_eq!(upgrade.await.unwrap().unwrap().steps.len(), 1);
    let retried =
        heard.events().into_iter().any(|event| matches!(event, Event::Retrying { why, .. } if why.contains("40P01")));
    assert!(retried, "{heard:?}");
    assert_eq!(database.psql("SELECT to_regclass('c') IS NULL"), "f\n");
}

async fn wait_for_a_waiter(database: &Database<'_>, table: &str) {
    let waits = format!("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '{table}'::regclass");
    while database.psql(&waits) != "1\n" {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_revision_has_limits_of_its_own() {
    let limits = "current_setting('lock_timeout') || ' ' || current_setting('statement_timeout')";
    let (database, mut folder) = (Database::new(), Folder::new());
    folder.add("r1", &format!("CREATE TABLE s AS SELECT {limits} AS s;"), None);
    let header = "--! lock-timeout: 7s\n--! statement-timeout: 10min\n";
    folder.add_with("r2", header, &format!("INSERT INTO s VALUES ({limits});"), None);
    let header = format!("{header}--! transaction: none\n");
    folder.add_with(
        "r3",
        &header,
        &format!("INSERT INTO s VALUES ({limits});\nSET lock_timeout = '1s';\nINSERT INTO s VALUES ({limits});"),
        None,
    );
    let options = Options::default().statement_timeout(Duration::from_secs(30));
    folder.table().with(options).upgrade(&database.options()).await.unwrap();
    assert_eq!(database.psql("SELECT string_agg(s, ', ') FROM s"), "2s 30s, 7s 10min, 7s 10min, 1s 10min\n");
}
