//! Reading the version table: one message, which is all that a run costs when nothing is pending.

use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};

use crate::migrations::Migrations;
use crate::postgres::database::{Borrowed, Database};
use crate::postgres::error::Error;
use crate::postgres::frame::{Scope, set};
use crate::postgres::message::{Failed, Message, Part, database_error};
use crate::postgres::options::Options;
use crate::postgres::state::State;
use crate::postgres::version_table::{AppliedRevision, FORMAT};

/// The server, or another of its processes, was killed.
pub(crate) const CRASH_SHUTDOWN: &str = "57P02";
/// Somebody has ended the session, or the server is shut down.
const ADMIN_SHUTDOWN: &str = "57P01";
/// The session on the server, and since when that runs.
const SERVER: &str = "SELECT pg_catalog.pg_backend_pid() AS pid, \
     pg_catalog.pg_postmaster_start_time()::pg_catalog.text AS started";
const UNDEFINED_TABLE: &str = "42P01";
const UNDEFINED_COLUMN: &str = "42703";

/// Reads what is applied: one round trip.
pub(crate) async fn look(migrations: &Migrations, options: &Options, database: Database<'_>) -> Result<State, Error> {
    let (borrowed, state) = open(migrations, options, database).await?;
    borrowed.release().await;
    Ok(state)
}

/// Connects and reads. An idle connection of a pool is used without the ping that `acquire` makes; when it turns out to be
/// dead, another is taken.
pub(crate) async fn open(
    migrations: &Migrations,
    options: &Options,
    database: Database<'_>,
) -> Result<(Borrowed, State), Error> {
    if let Some(mut borrowed) = database.idle() {
        match read(migrations, options, borrowed.conn(), Message::default()).await {
            Err(Error::Read { source, .. }) if is_dead(&source) => drop(borrowed.keep()),
            state => return Ok((borrowed, state?)),
        }
    }
    let mut borrowed = database.connect().await.map_err(|source| Error::Connect { source })?;
    let state = read(migrations, options, borrowed.conn(), Message::default()).await?;
    Ok((borrowed, state))
}

/// Whether an idle connection is of no use any more: it broke, or the server said that it ends it (class 57P).
fn is_dead(error: &sqlx::Error) -> bool {
    is_gone(error) || database_error(error).is_some_and(|error| error.code().starts_with("57P"))
}

/// Whether an administrator, or the server's own shutdown, has ended the session.
pub(crate) fn is_ended(error: &sqlx::Error) -> bool {
    database_error(error).is_some_and(|error| error.code() == ADMIN_SHUTDOWN)
}

/// Whether the server that a session was on is there no more: it is away or shutting down, or was started again since.
pub(crate) async fn is_restarted(database: Database<'_>, started: Option<&str>) -> bool {
    let Ok(mut conn) = database.connect_aside().await else { return true };
    let rows = Message::default().with(Part::Read, SERVER).send(&mut conn).await;
    rows.map_or(true, |rows| self::started(rows.first()).as_deref() != started)
}

/// Whether the connection broke, or its server was killed. When somebody has ended the session on purpose, it has not.
pub(crate) fn is_gone(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
        error => database_error(error).is_some_and(|error| error.code() == CRASH_SHUTDOWN),
    }
}

/// One message, without a parameter, after what `message` has already. That the table is not there is an answer too: a
/// fresh database.
pub(crate) async fn read(
    migrations: &Migrations,
    options: &Options,
    conn: &mut PgConnection,
    message: Message,
) -> Result<State, Error> {
    let table = &options.version_table;
    let unreadable = |source| Error::Read { table: table.quoted(), source };
    // Who owns the table is who may read it; the setting ends with this message.
    let message = match &options.role {
        Some(role) => message.with(Part::Open, &format!("SELECT {}", set("role", role, Scope::Transaction))),
        None => message,
    };
    let message = message.with(Part::Read, SERVER);
    let answer = message.with(Part::Read, &table.select(&migrations.packages())).send(conn).await;
    let rows = match answer {
        Ok(rows) => rows,
        Err(failed) if failed.code() == Some(UNDEFINED_TABLE) => {
            return Ok(State::new(*migrations, None).read_by(pid(failed.rows.first()), started(failed.rows.first())));
        }
        Err(failed) if failed.code() == Some(UNDEFINED_COLUMN) => {
            return Err(newer_format(options, conn).await.unwrap_or_else(|| unreadable(failed.source)));
        }
        Err(Failed { source, .. }) => return Err(unreadable(source)),
    };
    let mut rows = rows.iter();
    let server = rows.next();
    let (backend_pid, server_started) = (pid(server), started(server));
    let rows: Vec<_> = rows
        .map(|row| AppliedRevision::read(migrations.package(), row))
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    match rows.iter().map(|row| row.format).find(|format| *format > FORMAT) {
        Some(format) => Err(Error::NewerFormat { table: table.quoted(), format, known: FORMAT }),
        None => Ok(State::new(*migrations, Some(rows)).read_by(backend_pid, server_started)),
    }
}

/// When the server was started, as it says it.
fn started(row: Option<&PgRow>) -> Option<String> {
    row.and_then(|row| row.try_get("started").ok())
}

fn pid(row: Option<&PgRow>) -> Option<i32> {
    row.and_then(|row| row.try_get("pid").ok())
}

/// The reason why a column is missing, if it is that a newer release has changed the table.
async fn newer_format(options: &Options, conn: &mut PgConnection) -> Option<Error> {
    let table = &options.version_table;
    let rows = Message::default().with(Part::Read, &table.newest_format()).send(conn).await.ok()?;
    let format = rows.first()?.try_get("format").ok().filter(|format| *format > FORMAT)?;
    Some(Error::NewerFormat { table: table.quoted(), format, known: FORMAT })
}
