//! The database that tests get copies of, as its users see it.

use std::fmt;
use std::sync::Arc;

use crate::migrations::Migrations;
use crate::postgres::options::Options;
use crate::testing::background;
use crate::testing::database::TestDatabase;
use crate::testing::error::Error;
use crate::testing::recipe::Recipe;
use crate::testing::server::Server;
use crate::testing::url;

/// What a test's database has when the test begins, with what can be chosen about it.
///
/// ```no_run
/// use migrate_runtime::{Migrations, Options, testing};
///
/// # static MIGRATIONS: Migrations = Migrations::new("shop", &[]);
/// # async fn test() -> Result<(), testing::Error> {
/// let template = testing::Template::new(&MIGRATIONS)
///     .url("postgres://postgres@localhost:5433/postgres")
///     .fixture("INSERT INTO users (email) VALUES ('ada@example.com')");
/// let database = template.database().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Template {
    migrations: Migrations,
    url: Option<String>,
    options: Options,
    fixtures: Vec<String>,
}

impl Template {
    /// All these revisions, on the server of `DATABASE_URL`.
    #[must_use]
    pub fn new(migrations: &Migrations) -> Self {
        Self { migrations: *migrations, url: None, options: Options::default(), fixtures: Vec::new() }
    }

    /// On the server of this URL.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Applies the revisions as these options say.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Runs this SQL after the last revision, and after other fixtures, once for all tests: `include_str!` takes it from a
    /// file. It is part of the digest.
    #[must_use]
    pub fn fixture(mut self, sql: impl Into<String>) -> Self {
        self.fixtures.push(sql.into());
        self
    }

    /// A database of the caller's own, which is dropped with what is returned.
    ///
    /// # Errors
    ///
    /// See [`Error`]; each says what to do.
    ///
    /// # Panics
    ///
    /// As a Rust revision does.
    pub async fn database(&self) -> Result<TestDatabase, Error> {
        let url = self.url.clone().map_or_else(url::find, Ok)?;
        let server = Server::at(&url)?;
        let recipe = Recipe::new(self.migrations, &self.options, &self.fixtures, server.options.get_username());
        let from = Arc::clone(&server);
        let lease = background::run(async move { from.copy(&recipe).await }).await?;
        Ok(TestDatabase::new(lease, &server.options, &url))
    }
}

/// Without the URL, which may have a password.
impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template")
            .field("package", &self.migrations.package())
            .field("options", &self.options)
            .field("fixtures", &self.fixtures)
            .finish_non_exhaustive()
    }
}
