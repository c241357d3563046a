//! Batches that are cut off, locked out, or fail half-way: nothing is done twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use migrate_runtime::table::Transaction;
use migrate_runtime::{Context, Event, Migrations, Options, Result};
use migrate_tests::{Cut, Database, Proxy};
use sqlx::{Executor as _, PgConnection};

use super::{Heard, counts, items, line_of, progress, recorded, reversible, revision, told};

async fn in_tens(cx: &mut Context<'_>) -> Result<()> {
    let walk = cx.batches_by("items", "id", "UPDATE items SET n = n + 1 WHERE id BETWEEN $1 AND $2");
    assert_eq!(walk.sizes(10..=10).total_of("SELECT count(*) FROM items").await?, 45);
    Ok(())
}

fn tens() -> Migrations {
    revision(|cx| Box::pin(in_tens(cx)), Transaction::None)
}

/// Where the connection breaks, over every message of a run: the same run connects again and goes on at the cursor.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_at_any_message_is_gone_on_with() {
    let prepared = items(45);
    let n_messages = {
        let database = prepared.copy();
        let proxy = Proxy::start(&database).await;
        let options: sqlx::postgres::PgConnectOptions = proxy.url().parse().unwrap();
        tens().upgrade(&options).await.unwrap();
        assert_eq!(counts(&database), "1|45\n");
        proxy.texts().len()
    };
    assert!(n_messages > 12, "five batches of two messages, and what is around them: {n_messages}");
    let mut n_went_on = 0;
    for n in 2..=n_messages {
        for cut in [Cut::Message(n), Cut::Sent(n), Cut::Answer(n)] {
            let database = prepared.copy();
            let proxy = Proxy::start_cutting_once(&database, cut).await;
            let (heard, options) = (Heard::default(), proxy.url().parse::<sqlx::postgres::PgConnectOptions>().unwrap());
            tens().with(heard.options()).upgrade(&options).await.unwrap_or_else(|error| panic!("{cut:?}: {error}"));
            assert_eq!(counts(&database), "1|45\n", "{cut:?}");
            assert_eq!(recorded(&database), "||\n", "{cut:?}");
            let done = progress(&heard);
            assert!(done.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{cut:?}: {done:?}");
            // It began a second time, and not at the first row.
            n_went_on += usize::from(done.windows(2).any(|pair| pair[0] == pair[1] && pair[0].0 > 0));
        }
    }
    assert!(n_went_on >= 10, "{n_went_on}");
}

async fn in_fives(cx: &mut Context<'_>) -> Result<()> {
    let walk = cx.batches_by("items", "id", "UPDATE items SET n = n + 1 WHERE id BETWEEN $1 AND $2");
    walk.sizes(5..=5).await.map(drop)
}

/// A step that breaks the connection each time is given up after a few; one that comes further each time is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_may_break_as_often_as_it_likes_where_something_is_done_in_between() {
    let database = items(45);
    let proxy = Arc::new(Proxy::start(&database).await);
    let connect: sqlx::postgres::PgConnectOptions = proxy.url().parse().unwrap();
    let (cut_at, n_cuts) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (cutter, cuts) = (Arc::clone(&proxy), Arc::clone(&n_cuts));
    let options = Options::default().on_event(move |event| {
        let Event::Progress { done, .. } = event else { return };
        if cut_at.swap(*done, Ordering::Relaxed) < *done {
            cutter.sever();
            cuts.fetch_add(1, Ordering::Relaxed);
        }
    });
    revision(|cx| Box::pin(in_fives(cx)), Transaction::None).with(options).upgrade(&connect).await.unwrap();
    assert_eq!((counts(&database).as_str(), n_cuts.load(Ordering::Relaxed)), ("1|45\n", 9));
}

async fn back_in_tens(cx: &mut Context<'_>) -> Result<()> {
    let walk = cx.batches_by("items", "id", "UPDATE items SET n = n - 1 WHERE id BETWEEN $1 AND $2");
    walk.sizes(10..=10).await.map(drop)
}

fn there_and_back() -> Migrations {
    reversible(|cx| Box::pin(in_tens(cx)), |cx| Box::pin(back_in_tens(cx)))
}

/// A row that stops the third batch, and options that give up at once.
async fn stopped_at_25(database: &Database<'_>) -> (PgConnection, Options) {
    let mut other = database.connect().await;
    other.execute("BEGIN; SELECT FROM items WHERE id = 25 FOR UPDATE").await.unwrap();
    (other, Options::default().lock_timeout(Duration::from_millis(50)).retry_timeout(Duration::ZERO))
}

#[tokio::test]
async fn a_downgrade_in_batches_goes_on_too_and_not_where_the_upgrade_was() {
    let database = items(45);
    there_and_back().upgrade(&database.options()).await.unwrap();
    let (mut other, options) = stopped_at_25(&database).await;
    let error = there_and_back().with(options).downgrade_to(&database.options(), "base").await.unwrap_err().to_string();
    assert!(error.contains("the batch after 20 rows: canceling statement due to lock timeout"), "{error}");
    assert_eq!((counts(&database).as_str(), recorded(&database).as_str()), ("0|20\n1|25\n", "{20}||{20}\n"));
    other.execute("ROLLBACK").await.unwrap();
    there_and_back().downgrade_to(&database.options(), "base").await.unwrap();
    assert_eq!(counts(&database), "0|45\n");
}

#[tokio::test]
async fn an_upgrade_that_was_cut_off_is_undone_from_the_first_row() {
    let database = items(45);
    let (mut other, options) = stopped_at_25(&database).await;
    there_and_back().with(options).upgrade(&database.options()).await.unwrap_err();
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(recorded(&database), "{20}|45|{20}\n");
    // The cursor is that of the upgrade: a downgrade that took it for its own would begin after it.
    there_and_back().downgrade_to(&database.options(), "base").await.unwrap();
    assert_eq!(counts(&database), "-1|25\n0|20\n");
}

#[tokio::test]
async fn a_batch_that_is_locked_out_is_tried_again_smaller() {
    let database = items(45);
    let mut other = database.connect().await;
    other.execute("BEGIN; SELECT FROM items WHERE id = 25 FOR UPDATE").await.unwrap();
    let (heard, connect) = (Heard::default(), database.options());
    let options = heard.options().lock_timeout(Duration::from_millis(50));
    let upgrade = tokio::spawn(async move { tens().with(options).upgrade(&connect).await });
    told(&heard, &upgrade, |event| matches!(event, Event::Retrying { .. })).await;
    assert_eq!(recorded(&database), "{20}|45|{20}\n");
    // What the batch had locked before it ran into the lock is free while it pauses.
    database.psql("SET lock_timeout = '10s'; UPDATE items SET done = true WHERE id = 22");
    other.execute("COMMIT").await.unwrap();
    upgrade.await.unwrap().unwrap();
    assert_eq!(counts(&database), "1|45\n");
    let why = heard.events().into_iter().find_map(|event| match event {
        Event::Retrying { why, .. } => Some(why),
        _ => None,
    });
    assert!(why.unwrap().starts_with("the batch after 20 rows: canceling statement due to lock timeout"));
}

/// Two sessions that take the same locks in another order: the server ends the batch.
#[tokio::test]
async fn the_victim_of_a_deadlock_is_tried_again() {
    let database = items(45);
    let (mut other, mut third) = (database.connect().await, database.connect().await);
    other.execute("SET deadlock_timeout = '1h'; BEGIN; SELECT FROM items WHERE id = 9 FOR UPDATE").await.unwrap();
    third.execute("BEGIN; SELECT FROM items WHERE id = 5 FOR UPDATE").await.unwrap();
    let (heard, connect) = (Heard::default(), database.options().options([("deadlock_timeout", "10ms")]));
    let options = heard.options().lock_timeout(Duration::ZERO);
    let upgrade = tokio::spawn(async move { tens().with(options).upgrade(&connect).await });
    // It has locked 1 to 4 and waits for 5; the other waits for 1, and then it comes to 9.
    waiters(&database, 1).await;
    let other =
        tokio::spawn(async move { other.execute("UPDATE items SET done = true WHERE id = 1; COMMIT").await.map(drop) });
    waiters(&database, 2).await;
    third.execute("COMMIT").await.unwrap();
    other.await.unwrap().unwrap();
    upgrade.await.unwrap().unwrap();
    assert_eq!(counts(&database), "1|45\n");
    assert!(heard.events().iter().any(|event| matches!(event, Event::Retrying { why, .. } if why.contains("40P01"))));
}

async fn waiters(database: &Database<'_>, n: usize) {
    let waiters =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while database.psql(waiters) != format!("{n}\n") {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_tries_end_and_the_next_run_goes_on_at_the_cursor() {
    let database = items(45);
    let mut other = database.connect().await;
    other.execute("BEGIN; SELECT FROM items WHERE id = 25 FOR UPDATE").await.unwrap();
    let options = Options::default().lock_timeout(Duration::from_millis(20)).retry_timeout(Duration::from_millis(100));
    let error = tens().with(options).upgrade(&database.options()).await.unwrap_err().to_string();
    assert!(
        error.contains("the batch after 20 rows: canceling statement due to lock timeout (SQLSTATE 55P03)"),
        "{error}"
    );
    assert!(line_of(include_str!("interrupted.rs"), &error).contains("cx.batches_by("), "{error}");
    assert_eq!((counts(&database).as_str(), recorded(&database).as_str()), ("0|25\n1|20\n", "{20}|45|{20}\n"));
    other.execute("COMMIT").await.unwrap();
    let heard = Heard::default();
    tens().with(heard.options()).upgrade(&database.options()).await.unwrap();
    assert_eq!(progress(&heard)[0], (20, Some(45)));
    assert_eq!(counts(&database), "1|45\n");
}

/// A walk, a statement that limits itself and finds nothing, one that finds all, and something that fails until it is mended.
async fn several(cx: &mut Context<'_>) -> Result<()> {
    let walk = cx.batches_by("items", "id", "UPDATE items SET n = n + 1 WHERE id BETWEEN $1 AND $2").await?;
    let nothing = cx.batches("DELETE FROM items WHERE id IN (SELECT id FROM items WHERE n > 1 LIMIT $1)").await?;
    let limited = cx.batches(
        "UPDATE items SET done = true, n = n + 10 WHERE id IN (SELECT id FROM items WHERE NOT done ORDER BY id LIMIT $1)",
    );
    let limited = limited.sizes(700..=700).total(1_500).await?;
    assert_eq!((walk, nothing, limited), (1_500, 0, 1_500));
    // What the batches needed is not needed any more.
    cx.execute("ALTER TABLE items DROP COLUMN IF EXISTS done; SELECT 1 / count(*) FROM mended").await
}

#[tokio::test]
async fn several_calls_have_a_cursor_each() {
    let database = items(1_500);
    database.psql("CREATE TABLE mended ()");
    let table = revision(|cx| Box::pin(several(cx)), Transaction::None);
    for _ in 0..2 {
        // Called from its start the second time, and nothing of the batches is done again.
        let error = table.upgrade(&database.options()).await.unwrap_err().to_string();
        assert!(error.contains("division by zero"), "{error}");
        assert_eq!(counts(&database), "11|1500\n");
        assert_eq!(recorded(&database), "{1500,0,1500}|1500|{}\n");
        database.psql("ALTER TABLE items DROP COLUMN IF EXISTS done");
    }
    database.psql("INSERT INTO mended DEFAULT VALUES");
    table.upgrade(&database.options()).await.unwrap();
    assert_eq!((counts(&database).as_str(), recorded(&database).as_str()), ("11|1500\n", "||\n"));
}

/// A killed program's session may record its last batch after the next run has read the row: that run reads it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_is_recorded_between_the_look_and_the_lock_is_not_done_again() {
    for direction in ["up", "down"] {
        let database = Arc::new(items(45));
        if direction == "down" {
            there_and_back().upgrade(&database.options()).await.unwrap();
        }
        let (mut other, options) = stopped_at_25(&database).await;
        let go = async |options: Options| match direction {
            "up" => there_and_back().with(options).upgrade(&database.options()).await,
            _ => there_and_back().with(options).downgrade_to(&database.options(), "base").await,
        };
        go(options).await.unwrap_err();
        other.execute("ROLLBACK").await.unwrap();
        let (url, step) = (database.url().to_owned(), if direction == "up" { "+" } else { "-" });
        let options = Options::default().on_event(move |event| {
            if matches!(event, Event::Started { .. }) {
                // What the batch from 21 to 30 does and records.
                let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
                let batch = format!(
                    "BEGIN; UPDATE items SET n = n {step} 1 WHERE id BETWEEN 21 AND 30; \
                     UPDATE migrate_revisions SET batch_rows = '{{30}}', batch_cursor = '{{30}}'; COMMIT"
                );
                let done = std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(async {
                        let mut conn = sqlx::ConnectOptions::connect(&options).await.unwrap();
                        conn.execute(sqlx::AssertSqlSafe(batch)).await.unwrap();
                    });
                });
                done.join().unwrap();
            }
        });
        go(options).await.unwrap_or_else(|error| panic!("{direction}: {error}"));
        let expected = if direction == "up" { "1|45\n" } else { "0|45\n" };
        assert_eq!(counts(&database), expected, "{direction}");
    }
}
