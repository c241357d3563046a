//! A program that upgrades its database when it starts, as the README shows it.

mod migrations {
    migrate_runtime::include_migrations!();
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = sqlx::PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    migrations::upgrade(&pool).await?;
    Ok(())
}
