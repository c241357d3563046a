//! Batches in a revision's transaction, other keys and statements, and what a function tells.

use std::time::Duration;

use migrate_runtime::table::Transaction;
use migrate_runtime::{Context, Event, Result};
use sqlx::Executor as _;

use super::{Heard, counts, items, progress, revision, told};

async fn in_tens(cx: &mut Context<'_>) -> Result<()> {
    let walk = cx.batches_by("items", "id", "UPDATE items SET n = n + 1 WHERE id BETWEEN $1 AND $2");
    walk.sizes(10..=10).pause(Duration::from_secs(3_600)).await?;
    // The same statement a second time is another call.
    let limited = "UPDATE items SET n = n + 10 WHERE id IN (SELECT id FROM items WHERE n < 10 LIMIT $1);";
    cx.batches(limited).sizes(20..=20).total_of("SELECT count(*) FROM items WHERE n < 10;").await?;
    cx.execute("SELECT 1 / count(*) FROM mended").await
}

#[tokio::test]
async fn in_a_transaction_all_of_it_is_done_or_nothing() {
    let database = items(45);
    database.psql("CREATE TABLE mended ()");
    let table = revision(|cx| Box::pin(in_tens(cx)), Transaction::PerRevision);
    let heard = Heard::default();
    let error = table.with(heard.options()).upgrade(&database.options()).await.unwrap_err().to_string();
    assert!(error.contains("division by zero"), "{error}");
    let tens = [0, 10, 20, 30, 40, 45].map(|done| (done, None));
    let twenties = [0, 20, 40, 45].map(|done| (done, Some(45)));
    assert_eq!(progress(&heard), [tens.as_slice(), &twenties].concat());
    assert_eq!(counts(&database), "0|45\n");
    database.psql("INSERT INTO mended DEFAULT VALUES");
    table.upgrade(&database.options()).await.unwrap();
    assert_eq!(counts(&database), "11|45\n");
}

#[tokio::test]
async fn in_a_transaction_a_lock_sends_the_whole_revision_back() {
    let database = items(45);
    database.psql("CREATE TABLE mended (); INSERT INTO mended DEFAULT VALUES");
    let mut other = database.connect().await;
    other.execute("BEGIN; SELECT FROM items WHERE id = 25 FOR UPDATE").await.unwrap();
    let (heard, connect) = (Heard::default(), database.options());
    let options = heard.options().lock_timeout(Duration::from_millis(50));
    let table = revision(|cx| Box::pin(in_tens(cx)), Transaction::PerRevision);
    let upgrade = tokio::spawn(async move { table.with(options).upgrade(&connect).await });
    told(&heard, &upgrade, |event| matches!(event, Event::Retrying { .. })).await;
    other.execute("COMMIT").await.unwrap();
    upgrade.await.unwrap().unwrap();
    assert_eq!(counts(&database), "11|45\n");
}

async fn by_other_keys(cx: &mut Context<'_>) -> Result<()> {
    let two = "INSERT INTO copies SELECT * FROM pairs WHERE (a, b) >= ($1, $2) AND (a, b) <= ($3, $4)";
    assert_eq!(cx.batches_by("public.pairs AS p", "a, b", two).sizes(7..=7).await?, 30);
    let moved = "WITH moved AS (DELETE FROM pairs WHERE lower(a) BETWEEN $1 AND $2 RETURNING *) INSERT INTO copies SELECT * FROM moved";
    // The key is no unique one: a batch has all rows of the key that it ends with.
    cx.batches_by("pairs", "lower(a)", moved).sizes(7..=7).await?;
    cx.batches_by("times", "at", "UPDATE times SET n = n + 1 WHERE at BETWEEN $1 AND $2").sizes(3..=3).await.map(drop)
}

#[tokio::test]
async fn keys_may_be_of_several_columns_and_of_any_type() {
    let database = items(0);
    database.psql(
        r"CREATE TABLE pairs (a text, b integer, PRIMARY KEY (a, b));
          INSERT INTO pairs SELECT a, b FROM unnest(ARRAY['it''s', 'a\b', E'Ä\n']) AS a, generate_series(1, 10) AS b;
          CREATE TABLE copies (LIKE pairs);
          CREATE TABLE times (at timestamptz, n integer NOT NULL DEFAULT 0);
          INSERT INTO times SELECT now() + n * interval '1 microsecond' FROM generate_series(1, 20) AS n;
          INSERT INTO times VALUES (NULL)",
    );
    let table = revision(|cx| Box::pin(by_other_keys(cx)), Transaction::None);
    table.upgrade(&database.options()).await.unwrap();
    assert_eq!(database.psql("SELECT count(*), count(DISTINCT (a, b)) FROM copies"), "60|30\n");
    assert_eq!(database.psql("SELECT count(*) FROM pairs"), "0\n");
    assert_eq!(database.psql("SELECT at IS NULL, n, count(*) FROM times GROUP BY 1, 2 ORDER BY 1"), "f|1|20\nt|0|1\n");
}

/// A role that may not write the version table.
async fn as_another(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("GRANT ALL ON items TO pg_monitor; SET ROLE pg_monitor").await?;
    let walk = cx.batches_by("items", "id", "UPDATE items SET n = n + 1 WHERE id BETWEEN $1 AND $2");
    walk.sizes(10..=10).await?;
    // The function has its role again after each record.
    let role: String = sqlx::query_scalar("SELECT current_user::text").fetch_one(cx.conn()?).await?;
    assert_eq!(role, "pg_monitor");
    Ok(())
}

#[tokio::test]
async fn the_record_is_written_as_who_began() {
    let database = items(45);
    revision(|cx| Box::pin(as_another(cx)), Transaction::None).upgrade(&database.options()).await.unwrap();
    assert_eq!(counts(&database), "1|45\n");
}

async fn tells(cx: &mut Context<'_>) -> Result<()> {
    cx.progress(0, 3);
    cx.log("loading");
    cx.progress(3, 3);
    cx.progress(7, None);
    Ok(())
}

#[tokio::test]
async fn a_function_tells_how_far_it_is_and_what_it_likes() {
    let heard = Heard::default();
    let table = revision(|cx| Box::pin(tells(cx)), Transaction::PerRevision);
    table.with(heard.options()).upgrade(&items(0).options()).await.unwrap();
    assert_eq!(progress(&heard), [(0, Some(3)), (3, Some(3)), (7, None)]);
    let log = Event::Log { revision: "r1".into(), text: "loading".into() };
    assert!(heard.events().contains(&log), "{heard:?}");
    let left = heard.events().into_iter().filter_map(|event| match event {
        Event::Progress { left, .. } => Some(left),
        _ => None,
    });
    assert_eq!(left.collect::<Vec<_>>(), [None, Some(Duration::ZERO), None]);
}
