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

/// What a running revision works with: the connection, inside its transaction; in offline mode the text under way.
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
    medium: Medium<'conn>,
}

#[derive(Debug)]
enum Medium<'conn> {
    Online(&'conn mut PgConnection),
    /// What was executed so far.
    Offline(&'conn mut Vec<String>),
}

impl<'conn> Context<'conn> {
    pub(crate) fn new(conn: &'conn mut PgConnection) -> Self {
        Self { medium: Medium::Online(conn) }
    }

    pub(crate) fn offline(executed: &'conn mut Vec<String>) -> Self {
        Self { medium: Medium::Offline(executed) }
    }

    /// Whether SQL is rendered for somebody else to run, and there is no connection.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        matches!(self.medium, Medium::Offline(_))
    }

    /// The connection, for everything that sqlx can do. It is in the revision's transaction: begin and commit nothing.
    ///
    /// # Errors
    ///
    /// In offline mode, where there is no connection; with the line of this call.
    #[track_caller]
    pub fn conn(&mut self) -> Result<&mut PgConnection> {
        match &mut self.medium {
            Medium::Online(conn) => Ok(conn),
            Medium::Offline(_) => Err(OfflineError { location: Location::caller() }.into()),
        }
    }

    /// Runs SQL text, of one statement or several, without parameters; in offline mode it is rendered. For values use
    /// [`conn`](Self::conn) and bind them.
    ///
    /// # Errors
    ///
    /// What Postgres said, with the line of this call.
    #[track_caller]
    pub fn execute<'c>(&'c mut self, sql: impl Into<String>) -> RevisionFuture<'c> {
        let (sql, location) = (sql.into(), Location::caller());
        Box::pin(async move {
            match &mut self.medium {
                Medium::Online(conn) => match sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **conn).await {
                    Ok(_) => Ok(()),
                    Err(source) => Err(ExecuteError { location, source }.into()),
                },
                Medium::Offline(executed) => {
                    executed.push(sql);
                    Ok(())
                }
            }
        })
    }
}

/// The line of the call on a [`Context`] that failed, where it is such a call.
pub(crate) fn line_of(error: &(dyn Error + 'static)) -> Option<u32> {
    let executed = error.downcast_ref::<ExecuteError>().map(|error| error.location);
    let location = executed.or_else(|| error.downcast_ref::<OfflineError>().map(|error| error.location));
    location.map(Location::line)
}

/// What the driver reported, where an error of a revision is or has that.
pub(crate) fn sqlx_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e sqlx::Error> {
    let executed = error.downcast_ref::<ExecuteError>().map(|error| &error.source);
    executed.or_else(|| error.downcast_ref::<sqlx::Error>())
}

/// A failed [`Context::execute`], with the place of the call.
#[derive(Debug)]
struct ExecuteError {
    location: &'static Location<'static>,
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

/// A [`Context::conn`] in offline mode, with the place of the call.
#[derive(Debug, thiserror::Error)]
#[error(
    "it asks for the connection, and in offline mode there is none; use `cx.execute`, or ask `cx.is_offline()` first"
)]
struct OfflineError {
    location: &'static Location<'static>,
}
