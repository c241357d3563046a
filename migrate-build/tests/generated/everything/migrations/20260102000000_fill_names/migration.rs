//! Fill names from
//! the `email`.
//!
//! parent: 20260101000000
//! branch-label: names

use migrate_runtime::{Context, Result};

pub async fn up(cx: &mut Context<'_>) -> Result<()> {
    sqlx::query("UPDATE users SET name = email").execute(cx.conn()?).await?;
    Ok(())
}

pub async fn down(cx: &mut Context<'_>) -> Result<()> {
    step_back(cx).await
}

async fn step_back(cx: &mut Context<'_>) -> Result<()> {
    cx.conn()?;
    Ok(())
}
