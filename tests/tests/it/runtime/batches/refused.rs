//! Batches that cannot be, and what is said of them.

use migrate_runtime::plan::Direction;
use migrate_runtime::table::Transaction;
use migrate_runtime::{Context, Options, Range, Result, When};

use super::{counts, items, line_of, recorded, revision};

const COUNT: &str = "UPDATE items SET n = n + 1 WHERE id BETWEEN $1 AND $2";

async fn fails_after_ten(cx: &mut Context<'_>) -> Result<()> {
    // The division fails in the second batch.
    let walk = cx.batches_by("items", "id", "UPDATE items SET n = n + 10 / (15 - id)::int WHERE id BETWEEN $1 AND $2");
    walk.sizes(10..=10).await.map(drop)
}

async fn has_another_statement(cx: &mut Context<'_>) -> Result<()> {
    cx.batches_by("items", "id", COUNT).await.map(drop)
}

async fn has_none(_: &mut Context<'_>) -> Result<()> {
    Ok(())
}

#[tokio::test]
async fn other_batches_than_those_that_were_cut_off_are_refused() {
    let database = items(45);
    let error = revision(|cx| Box::pin(fails_after_ten(cx)), Transaction::None);
    let error = error.upgrade(&database.options()).await.unwrap_err().to_string();
    assert!(error.contains("the batch after 10 rows: division by zero"), "{error}");
    let before = (counts(&database), recorded(&database));
    assert_eq!(before.1, "{10}||{10}\n");
    let other = revision(|cx| Box::pin(has_another_statement(cx)), Transaction::None);
    let error = other.upgrade(&database.options()).await.unwrap_err().to_string();
    assert!(
        error.contains("call 1 of `batches` is not the one that an earlier run has begun, and done 10 rows of"),
        "{error}"
    );
    assert!(line_of(include_str!("refused.rs"), &error).contains("COUNT"), "{error}");
    let none = revision(|cx| Box::pin(has_none(cx)), Transaction::None);
    let error = none.upgrade(&database.options()).await.unwrap_err().to_string();
    assert!(error.contains("the function was cut off in call 1 of `batches`, and has ended now after 0"), "{error}");
    assert_eq!((counts(&database), recorded(&database)), before);
}

async fn has_no_size(cx: &mut Context<'_>) -> Result<()> {
    cx.batches("UPDATE items SET n = n + 1 WHERE n = 0").await.map(drop)
}

async fn has_no_keys(cx: &mut Context<'_>) -> Result<()> {
    cx.batches_by("items", "id", "UPDATE items SET n = n + 1 WHERE id > $1").await.map(drop)
}

async fn is_no_sql(cx: &mut Context<'_>) -> Result<()> {
    cx.batches("UPDATE nope SET n = $1").await.map(drop)
}

async fn gave_the_lock_back(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("SELECT pg_advisory_unlock_all()").await?;
    cx.batches_by("items", "id", COUNT).await.map(drop)
}

async fn has_begun(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("BEGIN; SELECT 1").await?;
    cx.batches_by("items", "id", COUNT).await.map(drop)
}

async fn changed_its_row(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("UPDATE migrate_revisions SET batch_rows = '{7}'").await?;
    cx.batches_by("items", "id", COUNT).await.map(drop)
}

#[tokio::test]
async fn each_refusal_says_what_is_wrong_and_nothing_was_done() {
    let cases: [(super::Function, &str); 6] = [
        (|cx| Box::pin(has_no_size(cx)), "the statement has 0 parameters instead of one: `$1` is how many rows"),
        (|cx| Box::pin(has_no_keys(cx)), "the statement has 1 parameters instead of 2: the first key of a batch"),
        (|cx| Box::pin(is_no_sql(cx)), "the batch after 0 rows: relation \"nope\" does not exist (SQLSTATE 42P01)"),
        (|cx| Box::pin(gave_the_lock_back(cx)), "this session does not hold the migration lock any more"),
        (|cx| Box::pin(has_begun(cx)), "each batch is a transaction of its own, and one is open"),
        (|cx| Box::pin(changed_its_row(cx)), "somebody else has changed the revision's row since this run wrote it"),
    ];
    for (function, expected) in cases {
        let database = items(45);
        let error = revision(function, Transaction::None).upgrade(&database.options()).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}\nexpected: {expected}");
        assert!(line_of(include_str!("refused.rs"), &error).contains("cx.batches"), "{error}");
        assert_eq!(counts(&database), "0|45\n", "{error}");
    }
}

#[tokio::test]
async fn a_hook_has_no_batches_where_there_is_no_transaction() {
    let database = items(45);
    let options = || {
        Options::default().on_step(|moment, cx| {
            Box::pin(async move {
                match moment.when {
                    When::Before => cx.batches_by("items", "id", COUNT).await.map(drop),
                    When::After => Ok(()),
                }
            })
        })
    };
    let table = revision(|cx| Box::pin(has_none(cx)), Transaction::None);
    let error = table.with(options()).upgrade(&database.options()).await.unwrap_err().to_string();
    assert!(error.contains("a hook around a revision without a transaction cannot work in batches"), "{error}");
    let database = items(45);
    let table = revision(|cx| Box::pin(has_none(cx)), Transaction::PerRevision);
    table.with(options()).upgrade(&database.options()).await.unwrap();
    assert_eq!(counts(&database), "1|45\n");
}

#[tokio::test]
async fn offline_the_line_is_named() {
    let table = revision(|cx| Box::pin(has_another_statement(cx)), Transaction::None);
    let range: Range = "base:heads".parse().unwrap();
    let error = table.with(Options::default()).sql(Direction::Up, &range).await.unwrap_err().to_string();
    assert!(error.contains("it works in batches on the connection, and in offline mode there is none"), "{error}");
    assert!(line_of(include_str!("refused.rs"), &error).contains("COUNT"), "{error}");
}
