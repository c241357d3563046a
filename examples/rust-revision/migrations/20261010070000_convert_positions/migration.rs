//! Give every station its latitude and longitude in degrees.
//!
//! parent: 20261002090000

use crate::position::to_degrees;
use migrate_runtime::{Context, Result};

pub async fn up(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("ALTER TABLE stations ADD COLUMN latitude double precision, ADD COLUMN longitude double precision").await?;
    let stations: Vec<(i64, String)> = sqlx::query_as("SELECT id, position FROM stations").fetch_all(cx.conn()?).await?;
    for (id, position) in stations {
        let degrees = position.split_once(' ').and_then(|(north, east)| Some((to_degrees(north)?, to_degrees(east)?)));
        // An error rolls back everything above, and is shown with the revision it comes from.
        let (latitude, longitude) = degrees.ok_or_else(|| format!("station {id}: `{position}` is no position"))?;
        sqlx::query("UPDATE stations SET latitude = $1, longitude = $2 WHERE id = $3")
            .bind(latitude)
            .bind(longitude)
            .bind(id)
            .execute(cx.conn()?)
            .await?;
    }
    cx.execute("ALTER TABLE stations ALTER COLUMN latitude SET NOT NULL, ALTER COLUMN longitude SET NOT NULL").await
}

pub async fn down(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("ALTER TABLE stations DROP COLUMN latitude, DROP COLUMN longitude").await
}
