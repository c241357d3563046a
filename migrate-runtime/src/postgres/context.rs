//! What a Rust revision runs with.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::postgres::message::said;

/// Any error.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What a revision's function returns: any error can be raised with `?`, the executor adds which revision it came from.
pub type Result<T, E = BoxError> = std::result::Result<T, E>;

/// A boxed future that borrows the context it was given.
pub type RevisionFuture<'c> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'c>>;

/// A revision's function as the generated table holds it.
pub type RustFn = for<'c, 'conn> fn(&'c mut Context<'conn>) -> RevisionFuture<'c>;

/// The connection of a running revision, inside its transaction.
///
/// ```no_run
/// use migrate_runtime::{Context, Result};
///
/// pub async fn up(cx: &mut Context<'_>) -> Result<()> {
///     cx.execute("ALTER TABLE users ADD COLUMN display_name text").await?;
///     sqlx::query("UPDATE users SET display_name = email").execute(cx.conn()?).await?;
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Context<'conn> {
    conn: &'conn mut PgConnection,
}

impl<'conn> Context<'conn> {
    pub(crate) fn new(conn: &'conn mut PgConnection) -> Self {
        Self { conn }
    }

    /// The connection, for everything that sqlx can do. It is in the revision's transaction: begin and commit nothing.
    ///
    /// # Errors
    ///
    /// None today. In offline mode, where SQL is printed and there is no connection, it will be one.
    pub fn conn(&mut self) -> Result<&mut PgConnection> {
        Ok(self.conn)
    }

    /// Runs SQL text, of one statement or several, without parameters. For values use [`conn`](Self::conn) and bind them.
    ///
    /// # Errors
    ///
    /// What Postgres said, with the line of this call.
    #[track_caller]
    pub fn execute<'c>(&'c mut self, sql: impl Into<String>) -> RevisionFuture<'c> {
        let (sql, location) = (sql.into(), Location::caller());
        Box::pin(async move {
            match sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *self.conn).await {
                Ok(_) => Ok(()),
                Err(source) => Err(ExecuteError { location, source }.into()),
            }
        })
    }
}

/// A failed [`Context::execute`], with the place of the call.
#[derive(Debug)]
pub(crate) struct ExecuteError {
    pub(crate) location: &'static Location<'static>,
    source: sqlx::Error,
}

impl fmt::Display for ExecuteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&said(&self.source))
    }
}

impl Error for ExecuteError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}
