//! A database that was given, used as it is because nothing can be made beside it: it must be empty, and is emptied again.

use sqlx::Row as _;

use super::DevDatabase;
use super::removal::{Removal, What};
use super::roles::{self, Roles};
use super::session::{Session, reason};
use crate::dsn::Dsn;
use crate::report::{Failure, Kind};

/// What is in the database beside what every new one has, some of it by name. What belongs to an extension is told by that.
const CONTENTS: &str = include_str!("sql/contents.sql");

/// Drops all that the role owns in the database. `DROP OWNED` would also revoke what the role may do with the database.
pub(super) const EMPTY: &str = include_str!("sql/empty.sql");

/// One run at a time may use it. The number is that of no token, nor of any lock of the executor.
const TRY: &str = "SELECT pg_catalog.pg_try_advisory_lock(4711, 1684371030)";

#[derive(Debug)]
pub(super) struct Given {
    pub(super) dsn: Dsn,
    pub(super) server_version: u32,
    session: Session,
}

impl Given {
    pub(super) fn of(dsn: &Dsn, session: Session) -> Self {
        Self { dsn: dsn.clone(), server_version: session.server_version(), session }
    }

    /// The database, when it is empty.
    pub(super) async fn take(&mut self, roles_in: &str) -> Result<DevDatabase, Failure> {
        let shown = &self.dsn.shown;
        let role = self.dsn.options.0.get_username();
        let unreadable =
            |error: sqlx::Error| Failure::new(Kind::Database, format!("{shown} cannot be read: {}", reason(&error)));
        let locked = self.session.ask(TRY).await.map_err(unreadable)?;
        if !locked.first().is_some_and(|row| row.try_get(0).unwrap_or(false)) {
            return Err(Failure::new(Kind::Database, format!("another run uses {shown}"))
                .help("wait until it has ended, or give each run a database of its own with `--dev-url`"));
        }
        let rows = self.session.ask(CONTENTS).await.map_err(unreadable)?;
        let found: Vec<String> = rows.iter().filter_map(|row| row.try_get(0).ok()).collect();
        if !found.is_empty() {
            let some = found.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = if found.len() > 3 { format!(" and {} more", found.len() - 3) } else { String::new() };
            return Err(Failure::new(Kind::Database, format!("{shown} is not empty: it has {some}{more}"))
                .note(format!(
                    "the role {role} may not create databases, so the one of `--dev-url` would be used, and emptied"
                ))
                .help(format!(
                    "give an empty database, or let the role make its own: ALTER ROLE {role} CREATEDB, as a superuser"
                )));
        }
        let roles = Roles::before(&mut self.session, roles_in).await.map_err(unreadable)?;
        Ok(DevDatabase {
            dsn: self.dsn.clone(),
            server_version: self.server_version,
            is_on_own_server: false,
            role_mark: roles::mark(self.session.token),
            removal: Removal::new(self.dsn.clone(), What::Contents, roles),
        })
    }
}
