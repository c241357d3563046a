//! Store every temperature in degrees Celsius too.
//!
//! parent: 20261010070000
//! transaction: none

use migrate_runtime::{Context, Result};

pub async fn up(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("ALTER TABLE readings ADD COLUMN IF NOT EXISTS celsius double precision").await?;
    let n_rows = cx
        .batches(
            "UPDATE readings SET celsius = (fahrenheit - 32) / 1.8
             WHERE id IN (SELECT id FROM readings WHERE celsius IS NULL LIMIT $1)",
        )
        .total_of("SELECT count(*) FROM readings WHERE celsius IS NULL")
        .await?;
    cx.log(format!("{n_rows} readings have their temperature in degrees Celsius"));
    Ok(())
}

pub async fn down(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("ALTER TABLE readings DROP COLUMN IF EXISTS celsius").await
}
