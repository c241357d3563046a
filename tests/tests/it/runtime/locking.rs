//! Many starters, one lock.

use std::time::Duration;

use migrate_runtime::{Event, Options};
use migrate_tests::Database;
use tokio::task::JoinSet;

use super::folder::{Folder, Heard};

async fn start_many(database: &Database<'_>, folder: &Folder, n_starters: usize) -> usize {
    let mut starters = JoinSet::new();
    for _ in 0..n_starters {
        let (table, options) = (folder.table(), database.options());
        starters.spawn(async move { table.upgrade(&options).await.unwrap().steps.len() });
    }
    starters.join_all().await.into_iter().sum()
}

#[tokio::test]
async fn of_many_starters_each_revision_is_applied_by_one() {
    let mut folder = Folder::new();
    folder.add("r1", "CREATE TABLE t (a int); INSERT INTO t VALUES (1);", None);
    for n in 2..=6 {
        folder.add(&format!("r{n}"), &format!("INSERT INTO t VALUES ({n});"), None);
    }
    let database = Database::new();
    assert_eq!(start_many(&database, &folder, 32).await, 6);
    folder.add("r7", "INSERT INTO t VALUES (7);", None).add("r8", "INSERT INTO t VALUES (8);", None);
    assert_eq!(start_many(&database, &folder, 32).await, 2);
    assert_eq!(start_many(&database, &folder, 32).await, 0);
    assert_eq!(database.psql("SELECT string_agg(a::text, ',' ORDER BY a) FROM t"), "1,2,3,4,5,6,7,8\n");
}

#[tokio::test]
async fn waiters_do_not_deadlock_with_a_concurrent_index() {
    let mut folder = Folder::new();
    folder.add("r1", "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 20000);", None);
    for n in 2..=5 {
        let up = format!("CREATE INDEX CONCURRENTLY i{n} ON t (a);");
        folder.add_with(&format!("r{n}"), "--! transaction: none\n", &up, None);
    }
    let database = Database::new();
    assert_eq!(start_many(&database, &folder, 20).await, 5);
    assert_eq!(database.psql("SELECT count(*) FROM pg_index WHERE indisvalid AND indrelid = 't'::regclass"), "4\n");
}

/// Takes the lock as another tool run would: by stopping inside a revision of the same version table.
async fn hold_the_lock(database: &Database<'_>) -> (tokio::task::JoinHandle<()>, i32) {
    let mut folder = Folder::new();
    folder.add("h1", "SELECT pg_sleep(600);", None);
    let table = migrate_runtime::Migrations::new("holder", folder.table().list());
    let options = database.options().application_name("billing");
    let holder = tokio::spawn(async move {
        let _ = table.upgrade(&options).await;
    });
    let mut conn = database.connect().await;
    loop {
        let pid: Option<i32> = sqlx::query_scalar(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'billing' AND wait_event = 'PgSleep' AND datname = current_database()",
        )
        .fetch_optional(&mut conn)
        .await
        .unwrap();
        match pid {
            Some(pid) => return (holder, pid),
            None => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn who_holds_the_lock_is_told_and_a_deadline_ends_the_wait() {
    let database = Database::new();
    let (holder, pid) = hold_the_lock(&database).await;
    let heard = Heard::default();
    let options = heard.options().wait_timeout(Duration::from_millis(200));
    let error = Folder::of_three_tables().table().with(options).upgrade(&database.options()).await.unwrap_err();
    let expected = format!("could not get the migration lock in 0.2s: pid {pid} (application \"billing\") holds it");
    assert_eq!(error.to_string(), expected);
    let waiting = |event: &Event| matches!(event, Event::Waiting { holder: Some(holder), .. } if holder.pid == pid);
    assert!(heard.events().iter().any(waiting), "{heard:?}");
    assert_eq!(database.psql("SELECT to_regclass('t1') IS NULL"), "t\n");
    holder.abort();
}

#[tokio::test]
async fn a_dropped_future_frees_the_lock_and_leaves_nothing() {
    let database = Database::new();
    let (holder, _) = hold_the_lock(&database).await;
    holder.abort();
    holder.await.unwrap_err();
    database.end_orphans();
    // The server notices within its check interval of one second that the client is gone.
    let options = Options::default().wait_timeout(Duration::from_secs(30));
    let report = Folder::of_three_tables().table().with(options).upgrade(&database.options()).await.unwrap();
    assert_eq!(report.steps.len(), 3);
    assert_eq!(database.psql("SELECT count(*) FROM migrate_revisions WHERE package = 'holder'"), "0\n");
}

#[tokio::test]
async fn a_step_back_is_not_counted_again_after_a_wait() {
    let (database, folder) = (Database::new(), Folder::of_three_tables());
    folder.table().upgrade(&database.options()).await.unwrap();
    let (holder, _) = hold_the_lock(&database).await;
    let heard = Heard::default();
    let (table, options, connect) = (folder.table(), heard.options(), database.options());
    let downgrade = tokio::spawn(async move { table.with(options).downgrade_to(&connect, "-1").await });
    while !heard.events().iter().any(|event| matches!(event, Event::Waiting { .. })) {
        tokio::task::yield_now().await;
    }
    // Somebody else has undone it meanwhile.
    database.psql("DROP TABLE t3; DELETE FROM migrate_revisions WHERE revision = 'r3'");
    holder.abort();
    database.end_orphans();
    let report = downgrade.await.unwrap().unwrap();
    assert_eq!((report.steps.len(), report.heads), (0, vec!["r2".to_owned()]));
    assert_eq!(database.psql("SELECT to_regclass('t2') IS NULL"), "f\n");
}
