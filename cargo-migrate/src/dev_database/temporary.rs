//! Temporary databases on a server, each with a name that no other run gives.

use std::fmt;

use sqlx::Row as _;

use super::quote::identifier;
use super::removal::{Removal, What};
use super::roles::{self, Roles};
use super::session::{Session, Token, code, reason};
use super::{DevDatabase, leftovers};
use crate::dsn::{Dsn, Secret};
use crate::report::Failure;

const PREFIX: &str = "migrate_dev_";

/// `insufficient_privilege`.
const NO_RIGHT: &str = "42501";

/// What the new database has in common with the one beside it, and how its files are made: where nothing is synced they are
/// copied faster than they are logged (Postgres manual, CREATE DATABASE, `STRATEGY`).
const LIKE: &str = "SELECT pg_catalog.format(' ENCODING %L LC_COLLATE %L LC_CTYPE %L',
    pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype),
    pg_catalog.current_setting('fsync')::pg_catalog.bool
FROM pg_catalog.pg_database AS d
WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()";

/// A server on which temporary databases are made.
#[derive(Debug)]
pub(super) struct Temporary {
    /// The database beside which they are.
    pub(super) dsn: Dsn,
    pub(super) server_version: u32,
    session: Session,
    is_own_server: bool,
    n_made: u32,
}

/// Why a database could not be made.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The role may not.
    NoRight(String),
    /// Something else, in the words of the server.
    Other(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRight(role) => write!(f, "the role {role} may not create databases"),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Other(reason(&error))
    }
}

impl Temporary {
    /// Connects, and drops what killed runs have left there.
    pub(super) async fn on(dsn: &Dsn) -> Result<Self, Failure> {
        let mut session = Session::open(dsn).await?;
        leftovers::sweep(&mut session).await;
        Ok(Self {
            dsn: dsn.clone(),
            server_version: session.server_version(),
            session,
            is_own_server: false,
            n_made: 0,
        })
    }

    /// The same server, as one that ends with this run.
    pub(super) fn on_own_server(self) -> Self {
        Self { is_own_server: true, ..self }
    }

    /// Makes a database.
    pub(super) async fn create(&mut self, roles_in: &str) -> Result<DevDatabase, Refusal> {
        // The roles of a server of ours end with it.
        let roles_in = if self.is_own_server { "" } else { roles_in };
        let roles = Roles::before(&mut self.session, roles_in).await?;
        let rows = self.session.ask(LIKE).await?;
        let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        let (like, syncs): (String, bool) = (row.try_get(0)?, row.try_get(1)?);
        let strategy = if self.server_version >= 150_000 && !syncs { " STRATEGY file_copy" } else { "" };
        self.n_made += 1;
        let name = format!("{PREFIX}{}_{}", self.session.token, self.n_made);
        let options = self.dsn.options.0.clone().database(&name);
        // Before it is there: when this future is dropped, nobody knows whether it is.
        let mut database = DevDatabase {
            dsn: dsn_of(&self.dsn, options),
            server_version: self.server_version,
            is_on_own_server: self.is_own_server,
            role_mark: roles::mark(self.session.token),
            removal: Removal::new(self.dsn.clone(), What::Database(name.clone()), roles),
        };
        let create = format!("CREATE DATABASE {} TEMPLATE template0{like}{strategy}", identifier(&name));
        match self.session.ask(&create).await {
            Ok(_) => Ok(database),
            Err(error) => {
                if code(&error).is_some() {
                    database.removal.disarm();
                }
                Err(match code(&error).as_deref() {
                    Some(NO_RIGHT) => Refusal::NoRight(self.dsn.options.0.get_username().to_owned()),
                    _ => error.into(),
                })
            }
        }
    }

    /// The first of these roles that is there.
    pub(super) async fn role_among(&mut self, names: &[String]) -> Result<Option<String>, sqlx::Error> {
        if names.is_empty() {
            return Ok(None);
        }
        let rows = self.session.ask(roles::ALL).await?;
        let all: Vec<String> = rows.iter().filter_map(|row| row.try_get(0).ok()).collect();
        Ok(names.iter().find(|name| all.contains(name)).cloned())
    }

    pub(super) fn into_session(self) -> Session {
        self.session
    }
}

/// The same server and role, in another database.
fn dsn_of(beside: &Dsn, options: sqlx::postgres::PgConnectOptions) -> Dsn {
    use sqlx::ConnectOptions as _;
    let dsn = Dsn::of(options);
    let url = beside.url.0.as_ref().map(|_| dsn.options.0.to_url_lossy().to_string());
    Dsn { url: Secret(url), ..dsn }
}

/// Whose database it is, when its name is one of ours.
pub(super) fn owner(name: &str) -> Option<Token> {
    let (token, number) = name.strip_prefix(PREFIX)?.rsplit_once('_')?;
    number.parse::<u32>().ok()?;
    Token::parse(token)
}

#[cfg(test)]
mod tests {
    use super::{Token, owner};

    #[test]
    fn databases_of_others_are_left_alone() {
        assert_eq!(owner("migrate_dev_00abcdef01234567_2"), Some(Token(0x00ab_cdef_0123_4567)));
        for other in ["migrate_dev", "migrate_dev_1", "migrate_dev_00abcdef01234567", "migrate_dev_00abcdef01234567_x"]
        {
            assert_eq!(owner(other), None, "{other}");
        }
    }
}
