//! An application whose tests are measured.

/// The revisions of the database.
pub mod migrations {
    migrate_runtime::include_migrations!();
}

/// What each test does: a write and a read.
pub async fn work(pool: &sqlx::PgPool) {
    sqlx::raw_sql("INSERT INTO t1 (name) VALUES ('ada')").execute(pool).await.expect("a table");
    let rows = sqlx::raw_sql("SELECT name FROM t1").fetch_all(pool).await.expect("a table");
    assert_eq!(rows.len(), 1);
}
