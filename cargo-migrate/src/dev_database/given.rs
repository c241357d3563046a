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

/// What the role has as its name for sessions in this database while a run uses it. It is no part of a schema, any role may
/// set it for itself, and a killed run leaves it there.
const MARK: &str = "cargo migrate: temporary";

/// Whether a run has left its mark.
const MARKED: &str = "SELECT EXISTS (
    SELECT
    FROM pg_catalog.pg_db_role_setting AS s
    JOIN pg_catalog.pg_database AS d ON d.oid OPERATOR(pg_catalog.=) s.setdatabase
    JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) s.setrole
    WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
        AND r.rolname OPERATOR(pg_catalog.=) CURRENT_USER
        AND 'application_name=cargo migrate: temporary' OPERATOR(pg_catalog.=) ANY (s.setconfig))";

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
            let marked = self.session.ask(MARKED).await.map_err(unreadable)?;
            let is_left = marked.first().is_some_and(|row| row.try_get(0).unwrap_or(false));
            return Err(not_empty(shown, role, &found, is_left));
        }
        let roles = Roles::before(&mut self.session, roles_in).await.map_err(unreadable)?;
        self.session.ask(&set_mark(&format!("SET application_name TO '{MARK}'"))).await.map_err(unreadable)?;
        Ok(DevDatabase {
            dsn: self.dsn.clone(),
            server_version: self.server_version,
            is_on_own_server: false,
            role_mark: roles::mark(self.session.token),
            removal: Removal::new(self.dsn.clone(), What::Contents, roles),
        })
    }
}

/// Takes the mark away again.
pub(super) fn unmark() -> String {
    set_mark("RESET application_name")
}

/// Changes the setting, unless the role has one of its own.
fn set_mark(change: &str) -> String {
    let change = change.replace('\'', "''");
    format!(
        "DO $mark$
BEGIN
    IF NOT EXISTS (
        SELECT
        FROM pg_catalog.pg_db_role_setting AS s
        JOIN pg_catalog.pg_database AS d ON d.oid OPERATOR(pg_catalog.=) s.setdatabase
        JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) s.setrole
        CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS c (setting)
        WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
            AND r.rolname OPERATOR(pg_catalog.=) CURRENT_USER
            AND pg_catalog.starts_with(c.setting, 'application_name=')
            AND c.setting OPERATOR(pg_catalog.<>) 'application_name={MARK}'
    ) THEN
        EXECUTE pg_catalog.format('ALTER ROLE CURRENT_USER IN DATABASE %I {change}', pg_catalog.current_database());
    END IF;
END
$mark$"
    )
}

fn not_empty(shown: &str, role: &str, found: &[String], is_left: bool) -> Failure {
    let some = found.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if found.len() > 3 { format!(" and {} more", found.len() - 3) } else { String::new() };
    let failure = Failure::new(Kind::Database, format!("{shown} is not empty: it has {some}{more}"));
    if is_left {
        return failure.note("a run that had loaded a schema into it was killed, and could not empty it again").help(
            format!(
                "if nothing in it is to be kept, run this in it as {role}: DROP OWNED BY CURRENT_USER CASCADE; \
                 what was granted to the role there, if anything, is to be granted again"
            ),
        );
    }
    failure
        .note(format!("the role {role} may not create databases, so the one of `--dev-url` would be used, and emptied"))
        .help(format!(
            "give an empty database, or let the role make its own: ALTER ROLE {role} CREATEDB, as a superuser"
        ))
}
