//! Round trips, counted on the wire.

use migrate_tests::{Database, Proxy};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::folder::Folder;

#[tokio::test]
async fn nothing_pending_is_one_round_trip_and_takes_no_lock() {
    let (database, table) = (Database::new(), Folder::of_three_tables().table());
    table.upgrade(&database.options()).await.unwrap();
    let proxy = Proxy::start(&database).await;
    let options: PgConnectOptions = proxy.url().parse().unwrap();

    table.upgrade(&options).await.unwrap();
    let traffic = proxy.take();
    assert_eq!((traffic.round_trips(), traffic.notices()), (1, 0), "{:?}", traffic.statements());
    let statements = traffic.statements().concat();
    assert!(statements.contains("SELECT package, revision,") && !statements.contains("lock"), "{statements}");

    // A pool's fresh connection, and then its idle one: without the ping that `acquire` would spend.
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    sqlx::raw_sql("SELECT 1").execute(&pool).await.unwrap();
    while pool.num_idle() == 0 {
        tokio::task::yield_now().await;
    }
    let _ = proxy.take();
    table.upgrade(&pool).await.unwrap();
    let traffic = proxy.take();
    assert_eq!((traffic.statements().len(), traffic.notices()), (1, 0), "{:?}", traffic.statements());

    // A pool that has to connect first.
    let pool = PgPoolOptions::new().connect_lazy_with(proxy.url().parse().unwrap());
    table.upgrade(&pool).await.unwrap();
    let traffic = proxy.take();
    assert_eq!((traffic.statements().len(), traffic.notices()), (1, 0), "{:?}", traffic.statements());
}

/// What `n_revisions` cost through this proxy: a round trip and a commit for each, and `more` round trips for the whole.
#[track_caller]
fn check(proxy: &Proxy, n_revisions: usize, more: usize) {
    let traffic = proxy.take();
    let statements = traffic.statements();
    let n_commits = statements.iter().map(|message| message.matches(";COMMIT").count()).sum::<usize>();
    let figures = (traffic.round_trips(), n_commits, traffic.notices());
    assert_eq!(figures, (n_revisions + more, n_revisions, 0), "{statements:?}");
}

#[tokio::test]
async fn a_revision_is_one_round_trip_and_one_commit() {
    let (database, table) = (Database::new(), Folder::of_three_tables().table());
    let proxy = Proxy::start(&database).await;
    let options: PgConnectOptions = proxy.url().parse().unwrap();
    // On a fresh database, with the version table to be made.
    table.upgrade(&options).await.unwrap();
    check(&proxy, 3, 1);
    // What other packages depend on is asked for before anything is undone.
    table.downgrade_to(&options, "base").await.unwrap();
    check(&proxy, 3, 2);
    // In an empty version table it is asked whether the history is there under another name.
    table.upgrade_to(&options, "r1").await.unwrap();
    check(&proxy, 1, 2);
    table.upgrade(&options).await.unwrap();
    check(&proxy, 2, 1);
}

#[tokio::test]
async fn it_costs_the_same_through_a_pool_and_with_branches() {
    let mut folder = Folder::new();
    folder.add("r1", "CREATE TABLE t ();", None).add("r2", "ALTER TABLE t ADD a int;", None);
    folder.write("r3", "up.sql", "--! Right.\n--!\n--! parent: r1\n\nALTER TABLE t ADD b int;\n");
    folder.write("r4", "up.sql", "--! Merge.\n--!\n--! parent: r2, r3\n\nALTER TABLE t ADD c int;\n");
    for n in 5..=12 {
        let up = format!("--! More.\n--!\n--! parent: r{}\n\nALTER TABLE t ADD c{n} int;\n", n - 1);
        folder.write(&format!("r{n}"), "up.sql", &up);
    }
    let database = Database::new();
    let proxy = Proxy::start(&database).await;
    let pool = PgPoolOptions::new().connect_lazy_with(proxy.url().parse().unwrap());
    folder.table().upgrade(&pool).await.unwrap();
    check(&proxy, 12, 1);
}
