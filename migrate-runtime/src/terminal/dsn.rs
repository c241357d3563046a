//! How a database is named in messages: never with its password.

use std::str::FromStr as _;

use sqlx::postgres::{PgConnectOptions, PgConnection};

use crate::postgres::database;
use crate::terminal::refusal;
use crate::terminal::report::{Failure, Kind};

/// A database to connect to.
#[derive(Clone, Debug)]
pub struct Dsn {
    /// The URL, with its password, where it was given as one.
    pub url: Secret<Option<String>>,
    /// How to connect. Its own `Debug` would show the password.
    pub options: Secret<PgConnectOptions>,
    /// The URL without its password.
    pub shown: String,
}

/// What no `Debug` shows.
#[derive(Clone)]
pub struct Secret<T>(pub T);

impl<T> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Dsn {
    /// Reads a URL; `origin` is where it comes from. What is wrong is said without repeating any of it: a password may stand
    /// anywhere in a mistyped one.
    ///
    /// # Errors
    ///
    /// When it is not one of Postgres.
    pub fn parse(url: &str, origin: &str) -> Result<Self, Failure> {
        let invalid = |why: &str| {
            Failure::new(Kind::Usage, format!("{origin} is not the URL of a PostgreSQL database: {why}"))
                .help("it has the form postgres://user:password@host:5432/database")
        };
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(invalid("it does not begin with postgres:// or postgresql://"));
        }
        const ESCAPE: &str = "a part of it cannot be read; in a password write @ as %40, / as %2F, # as %23, : as %3A";
        // A password with such a character is read as a host or a database name, and would be shown as one.
        if url.matches('@').count() > 1 || url.contains('#') {
            return Err(invalid(ESCAPE));
        }
        PgConnectOptions::from_str(url)
            .map(|options| Self { url: Secret(Some(url.to_owned())), ..Self::of(options) })
            .map_err(|_| invalid(ESCAPE))
    }

    /// The database that connection options lead to.
    #[must_use]
    pub fn of(options: PgConnectOptions) -> Self {
        let place = match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let database = options.get_database().unwrap_or(options.get_username());
        let shown = format!("postgres://{}@{place}/{database}", options.get_username());
        Self { url: Secret(None), options: Secret(options), shown }
    }

    /// Connects, with a limit on how long that may take.
    ///
    /// # Errors
    ///
    /// When there is no server, or it does not let us in.
    pub async fn connect(&self) -> Result<PgConnection, Failure> {
        let connected = database::connect(&self.options.0).await;
        connected.map_err(|error| refusal::connect(&error, &self.shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_and_no_debug_shows_the_password() {
        let good = Dsn::parse("postgres://me:hunter2@db.example:5433/shop", "it").expect("parses");
        assert_eq!(good.shown, "postgres://me@db.example:5433/shop");
        assert!(!format!("{good:?}").contains("hunter2"));
        for bad in [
            "mysql://me:hunter2@h/d",
            "hunter2",
            "postgres://me:hunter2@h:notaport/d",
            "postgres://[hunter2",
            "postgres://me:x@hunter2/y@h/d",
            "postgres://me:x@hunter2#y",
        ] {
            let failure = Dsn::parse(bad, "`--database-url`").expect_err(bad).to_string();
            assert!(!failure.contains("hunter2") && failure.contains("--database-url"), "{failure}");
        }
    }

    #[test]
    fn a_socket_is_shown_as_one() {
        let dsn = Dsn::parse("postgres://me@%2Fvar%2Frun/shop", "it").expect("parses");
        assert_eq!(dsn.shown, "postgres://me@/var/run/shop");
    }
}
