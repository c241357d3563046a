//! `migrate_runtime::testing`.

use application::migrations::MIGRATIONS;
use migrate_runtime::testing;

async fn test() -> Result<(), testing::Error> {
    let database = testing::database(&MIGRATIONS).await?;
    application::work(database.pool()).await;
    Ok(())
}

include!("ours.in");
