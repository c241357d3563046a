//! Which database is meant, from the option, the environment or a `.env` file; never with its password in a message.

use std::env;
use std::path::Path;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use crate::invocation::Invocation;
use crate::project::Project;
use crate::report::{Failure, Kind};

/// Where a URL comes from when the package names no variable of its own.
const DEFAULT_VARIABLE: &str = "DATABASE_URL";

/// A database to connect to.
#[derive(Debug)]
pub(crate) struct Dsn {
    /// How to connect. Its own `Debug` would show the password.
    pub(crate) options: Secret,
    /// The URL without its password.
    pub(crate) shown: String,
}

/// Connection options whose password no `Debug` shows.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) PgConnectOptions);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Dsn {
    /// The database that the user means.
    pub(crate) fn find(invocation: &Invocation, project: &Project) -> Result<Self, Failure> {
        let variable = variable(project);
        Self::look_for(invocation, project)?.ok_or_else(|| {
            Failure::new(Kind::Usage, format!("no database is named: `{variable}` is not set, and no `.env` sets it"))
                .help(format!("pass `--database-url postgres://user@host/database`, or set `{variable}`"))
        })
    }

    /// The database that the user means, if one is named anywhere.
    pub(crate) fn look_for(invocation: &Invocation, project: &Project) -> Result<Option<Self>, Failure> {
        let variable = variable(project);
        if let Some(url) = &invocation.globals.database_url {
            return Self::parse(url, "`--database-url`").map(Some);
        }
        if let Some(url) = env::var(variable).ok().filter(|url| !url.is_empty()) {
            return Self::parse(&url, &format!("`{variable}` in the environment")).map(Some);
        }
        for folder in &project.env_dirs {
            let path = folder.join(".env");
            if let Some(url) = in_file(&path, variable)? {
                return Self::parse(&url, &format!("`{variable}` in `{}`", path.display())).map(Some);
            }
        }
        Ok(None)
    }

    /// Reads a URL. What is wrong is said without repeating any of it: a password may stand anywhere in a mistyped one.
    fn parse(url: &str, origin: &str) -> Result<Self, Failure> {
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
        let options = PgConnectOptions::from_str(url).map_err(|_| invalid(ESCAPE))?;
        let place = match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let database = options.get_database().unwrap_or(options.get_username());
        let shown = format!("postgres://{}@{place}/{database}", options.get_username());
        Ok(Self { options: Secret(options), shown })
    }
}

/// The environment variable that holds the URL.
fn variable(project: &Project) -> &str {
    project.database_url_env.as_deref().unwrap_or(DEFAULT_VARIABLE)
}

fn in_file(path: &Path, variable: &str) -> Result<Option<String>, Failure> {
    if !path.is_file() {
        return Ok(None);
    }
    let unreadable = || {
        Failure::new(Kind::Usage, format!("`{}` cannot be read as a list of NAME=value lines", path.display()))
            .help("put values with spaces or special characters into single quotes")
    };
    for entry in dotenvy::from_path_iter(path).map_err(|_| unreadable())? {
        // The error of dotenvy repeats the line, which may hold a password.
        let (name, value) = entry.map_err(|_| unreadable())?;
        if name == variable && !value.is_empty() {
            return Ok(Some(value));
        }
    }
    Ok(None)
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
