//! Give every book its 13-digit ISBN.
//!
//! parent: 20261102093000

use crate::isbn::to_isbn_13;
use migrate_runtime::{Context, Result};

pub async fn up(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("ALTER TABLE books ADD COLUMN isbn_13 text UNIQUE").await?;
    let books: Vec<(i64, String)> = sqlx::query_as("SELECT id, isbn FROM books").fetch_all(cx.conn()?).await?;
    for (id, isbn) in books {
        let isbn_13 = to_isbn_13(&isbn).ok_or_else(|| format!("book {id}: `{isbn}` is no ISBN"))?;
        sqlx::query("UPDATE books SET isbn_13 = $1 WHERE id = $2").bind(isbn_13).bind(id).execute(cx.conn()?).await?;
    }
    cx.execute("ALTER TABLE books ALTER COLUMN isbn_13 SET NOT NULL").await
}

pub async fn down(cx: &mut Context<'_>) -> Result<()> {
    cx.execute("ALTER TABLE books DROP COLUMN isbn_13").await
}
