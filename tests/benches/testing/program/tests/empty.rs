//! `#[sqlx::test]` without migrations: a test makes its only table, and the rest is the price of a database.

use sqlx::PgPool;

async fn test(pool: PgPool) {
    sqlx::raw_sql("CREATE TABLE t1 (name text)").execute(&pool).await.expect("a new database");
    application::work(&pool).await;
}

include!("empty.in");
