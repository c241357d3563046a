//! What a Rust revision runs with.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

use sqlx::postgres::PgConnection;

/// What a revision's function returns: any error can be raised with `?`, the executor adds which revision it came from.
pub type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// A boxed future that borrows the context it was given.
pub type RevisionFuture<'c> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'c>>;

/// A revision's function as the generated table holds it.
pub type RustFn = for<'c, 'conn> fn(&'c mut Context<'conn>) -> RevisionFuture<'c>;

/// The connection of a running revision, inside its transaction.
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
    /// None yet: offline mode, where there is no connection, will be one.
    pub fn conn(&mut self) -> Result<&mut PgConnection> {
        Ok(self.conn)
    }
}
