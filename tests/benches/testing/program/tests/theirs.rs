//! `#[sqlx::test]` with sqlx's own migrator, as its documentation shows it.

use sqlx::PgPool;

async fn test(pool: PgPool) {
    application::work(&pool).await;
}

include!("theirs.in");
