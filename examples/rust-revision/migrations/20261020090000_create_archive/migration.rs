//! An archive with a partition for each month of 2026.
//!
//! parent: 20261015100000

use migrate_runtime::{Context, Result};

pub async fn up(cx: &mut Context<'_>) -> Result<()> {
    cx.execute(
        "CREATE TABLE archive (
            station bigint NOT NULL,
            taken timestamptz NOT NULL,
            celsius double precision NOT NULL
        ) PARTITION BY RANGE (taken)",
    )
    .await?;
    for month in 1..=12 {
        let (next_year, next_month) = if month == 12 { (2027, 1) } else { (2026, month + 1) };
        cx.execute(format!(
            "CREATE TABLE archive_2026_{month:02} PARTITION OF archive
             FOR VALUES FROM ('2026-{month:02}-01 00:00+00') TO ('{next_year}-{next_month:02}-01 00:00+00')"
        ))
        .await?;
    }
    Ok(())
}

pub async fn down(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("DROP TABLE archive").await
}
