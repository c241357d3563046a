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
    assert_eq!(traffic.round_trips(), 1, "{:?}", traffic.statements());
    let statements = traffic.statements().concat();
    assert!(statements.contains("SELECT revision,") && !statements.contains("lock"), "{statements}");

    // A pool's fresh connection, and then its idle one: without the ping that `acquire` would spend.
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    sqlx::raw_sql("SELECT 1").execute(&pool).await.unwrap();
    while pool.num_idle() == 0 {
        tokio::task::yield_now().await;
    }
    let _ = proxy.take();
    table.upgrade(&pool).await.unwrap();
    let traffic = proxy.take();
    assert_eq!(traffic.statements().len(), 1, "{:?}", traffic.statements());
}

#[tokio::test]
async fn a_revision_is_one_round_trip_and_one_commit() {
    let (database, table) = (Database::new(), Folder::of_three_tables().table());
    let proxy = Proxy::start(&database).await;
    let options: PgConnectOptions = proxy.url().parse().unwrap();
    table.upgrade(&options).await.unwrap();
    let traffic = proxy.take();
    assert_eq!(traffic.round_trips(), 1 + 3, "{:?}", traffic.statements());
    assert_eq!(traffic.statements().iter().filter(|message| message.contains("COMMIT")).count(), 3);

    table.downgrade_to(&options, "base").await.unwrap();
    assert_eq!(proxy.take().round_trips(), 1 + 3);
}
