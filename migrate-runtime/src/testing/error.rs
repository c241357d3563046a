//! Why a test gets no database.

use std::sync::Arc;
use std::time::Duration;

use crate::postgres::message::said;

/// Why there is no database for a test. Each variant says what to do; none shows a password.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No server is named.
    #[error(
        "`DATABASE_URL` is not set, and no `.env` file sets it: tests get their databases on the PostgreSQL server that it \
         names; set it, as in `DATABASE_URL=postgres://postgres@localhost/postgres`"
    )]
    NoUrl,
    /// There is a `.env` file that is none.
    #[error("the `.env` file cannot be read as a list of NAME=value lines; put values with spaces into single quotes")]
    EnvFile,
    /// The URL is none, or none of PostgreSQL.
    #[error(
        "the URL of the server for tests cannot be read: {source}; it has the form postgres://user:password@host:port/database"
    )]
    BadUrl {
        /// What the driver reported.
        source: sqlx::Error,
    },
    /// The server could not be reached, or turned the role away.
    #[error(
        "could not connect to the server for tests, {server}: {}; is PostgreSQL running there, and does `DATABASE_URL` name \
         the right host, port, role and password?",
        said(source)
    )]
    Connect {
        /// Role, host and port.
        server: String,
        /// What the driver reported.
        source: sqlx::Error,
    },
    /// The role may not create databases.
    #[error(
        "the role \"{role}\" may not create databases, and each test needs one: run `ALTER ROLE \"{role}\" CREATEDB` as an \
         administrator of the server, or give another role in `DATABASE_URL`"
    )]
    NoRight {
        /// The role of the URL.
        role: String,
        /// What the driver reported.
        source: sqlx::Error,
    },
    /// A revision failed when the template was made. Nothing is left of the template.
    #[error(transparent)]
    Revisions(Arc<crate::Error>),
    /// A fixture failed when the template was made. Nothing is left of the template.
    #[error("fixture {number} of the template failed: {}", said(source))]
    Fixture {
        /// Which one, from 1.
        number: usize,
        /// What the driver reported.
        source: sqlx::Error,
    },
    /// Another process was making the template for too long.
    #[error(
        "another process has been making the template database for {} minutes, and is not done; see what it waits for in \
         `pg_stat_activity`, or end it", limit.as_secs() / 60
    )]
    Waited {
        /// How long it was waited for.
        limit: Duration,
    },
    /// The server could not do something else.
    #[error("could not {act}: {}", said(source))]
    Server {
        /// What was under way.
        act: String,
        /// What the driver reported.
        source: sqlx::Error,
    },
}

/// The message itself, as `unwrap` and a test that returns an error print it.
impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
