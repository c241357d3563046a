//! A ready database for each test of an application: all revisions applied, nobody else in it, gone when the test ends.
//!
//! The cargo feature is `testing`, for the `dev-dependencies`:
//!
//! ```toml
//! [dev-dependencies]
//! migrate-runtime = { version = "0.1", features = ["testing"] }
//! ```
//!
//! A test asks for its database in one line, and can use the macro, the runtime and the runner that it likes:
//!
//! ```no_run
//! use migrate_runtime::{Migrations, testing};
//!
//! // In an application: `use crate::migrations::MIGRATIONS;`
//! # static MIGRATIONS: Migrations = Migrations::new("shop", &[]);
//!
//! # #[allow(clippy::test_attr_in_doctest)]
//! #[tokio::test]
//! async fn an_address_is_taken_once() -> Result<(), Box<dyn std::error::Error>> {
//!     let database = testing::database(&MIGRATIONS).await?;
//!     let add = "INSERT INTO users (email) VALUES ('ada@example.com')";
//!     sqlx::query(add).execute(database.pool()).await?;
//!     assert!(sqlx::query(add).execute(database.pool()).await.is_err());
//!     Ok(())
//! }
//! # fn main() {}
//! ```
//!
//! The server is the one of `DATABASE_URL`, from the environment or from a `.env` file in this folder or above it. Its role
//! needs `CREATEDB`. The database in the URL is only connected to, and where it is missing `postgres` is.
//!
//! # How it works
//!
//! The revisions are applied once, to a *template*, and each test gets a copy, which the server makes by copying files. The
//! template is named after a digest of the table, so an edit makes another one; it stays, and the next run of the tests
//! begins with copies. Many test processes and threads may start at once: one makes the template, under a lock, and it has
//! its name only when it is complete. A template that an edit has replaced is dropped when it was not used for six hours: it
//! may be that of another checkout.
//!
//! The copy is dropped with its [`TestDatabase`], after a panic too, whoever is still connected to it. What a killed process
//! leaves is dropped by the next one: a process holds an advisory lock that ends with it, and its databases have the number
//! of that lock in their names.
//!
//! # What a copy has not
//!
//! What PostgreSQL keeps outside of a database is not copied: what a revision did with `ALTER DATABASE … SET` or
//! `GRANT … ON DATABASE`. Roles are the server's, and all tests share them.
//!
//! The digest is that of the revision files, of the [`Options`](crate::Options) as far as they are texts, and of the
//! fixtures. A Rust revision that calls functions of other files, or a hook, can change without it: a comment in the
//! revision makes another template then.

mod background;
mod database;
mod digest;
mod error;
mod name;
mod recipe;
mod server;
mod sessions;
mod survey;
mod template;
mod url;

pub use self::database::TestDatabase;
pub use self::error::Error;
pub use self::template::Template;
use crate::migrations::Migrations;

/// A database of the caller's own with all these revisions applied, on the server of `DATABASE_URL`.
///
/// The first call on a server, or after an edit, applies the revisions; each other one takes as long as the server needs to
/// copy a database. [`Template`] has what can be chosen.
///
/// # Errors
///
/// See [`Error`]; each says what to do.
pub async fn database(migrations: &Migrations) -> Result<TestDatabase, Error> {
    Template::new(migrations).database().await
}
