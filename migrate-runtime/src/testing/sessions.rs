//! The sessions in which this process makes and drops databases; while there is one, the process counts as alive.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::postgres::database::connect;
use crate::postgres::message::database_error;
use crate::testing::error::Error;
use crate::testing::name::Token;

/// So many databases are made or dropped at once by one process. A server has 100 sessions by default, which tests need.
const AT_ONCE: usize = 4;

/// Where the database of the URL is missing: it is made by every `initdb`.
const FALLBACK: &str = "postgres";

/// `invalid_catalog_name`: the database is not there.
pub(crate) const MISSING: &str = "3D000";

/// Sessions that are kept open, since a server needs longer for a new one than for what is asked.
#[derive(Debug)]
pub(crate) struct Sessions {
    options: PgConnectOptions,
    token: Token,
    idle: Mutex<Vec<PgConnection>>,
    permits: Semaphore,
}

/// A session for some statements, given back when dropped.
pub(crate) struct Session<'pool> {
    sessions: &'pool Sessions,
    conn: Option<PgConnection>,
    _permit: SemaphorePermit<'pool>,
}

impl Sessions {
    pub(crate) fn new(options: PgConnectOptions, token: Token) -> Self {
        let options = options.application_name("migrate testing");
        Self { options, token, idle: Mutex::default(), permits: Semaphore::new(AT_ONCE) }
    }

    pub(crate) async fn take(&self) -> Result<Session<'_>, Error> {
        let permit = self.permits.acquire().await.expect("the semaphore is never closed");
        let conn = match self.idle().await {
            Some(conn) => conn,
            None => self.connect().await?,
        };
        Ok(Session { sessions: self, conn: Some(conn), _permit: permit })
    }

    async fn idle(&self) -> Option<PgConnection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut conn = idle?;
        // The server may have been restarted meanwhile.
        conn.ping().await.is_ok().then_some(conn)
    }

    async fn connect(&self) -> Result<PgConnection, Error> {
        let connected = match connect(&self.options).await {
            Err(error) if code(&error) == Some(MISSING) => connect(&self.options.clone().database(FALLBACK)).await,
            connected => connected,
        };
        let options = &self.options;
        let server = || {
            let host = options.get_socket().map_or(options.get_host().into(), |path| path.display().to_string());
            format!("{}@{host}:{}", options.get_username(), options.get_port())
        };
        let mut conn = connected.map_err(|source| Error::Connect { server: server(), source })?;
        // The lock is a sign of life, see `survey`: a limit that the role has for its sessions must not end it.
        let set_up = format!(
            "SELECT pg_catalog.set_config(s.name, '0', false) FROM pg_catalog.pg_settings AS s WHERE s.name \
             OPERATOR(pg_catalog.=) ANY (ARRAY['statement_timeout', 'lock_timeout', 'idle_session_timeout', \
             'transaction_timeout', 'default_transaction_read_only']); \
             SELECT pg_catalog.pg_advisory_lock_shared({}::pg_catalog.int8)",
            self.token.key()
        );
        let set_up = sqlx::raw_sql(AssertSqlSafe(set_up)).execute(&mut conn).await;
        set_up.map_err(|source| Error::Server { act: "set up a session".to_owned(), source })?;
        Ok(conn)
    }
}

impl Session<'_> {
    /// Sends statements in one message, and returns the rows of all of them.
    pub(crate) async fn ask(&mut self, sql: &str) -> Result<Vec<PgRow>, sqlx::Error> {
        let Some(conn) = &mut self.conn else { return Err(sqlx::Error::PoolClosed) };
        let answer = sqlx::raw_sql(AssertSqlSafe(Arc::<str>::from(sql))).fetch_all(conn).await;
        if answer.as_ref().is_err_and(|error| database_error(error).is_none()) {
            self.conn = None;
        }
        answer
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        // After a panic it may hold a lock that others wait for, and is closed.
        if let Some(conn) = self.conn.take().filter(|_| !thread::panicking()) {
            self.sessions.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        }
    }
}

/// The SQLSTATE, if it was the server that spoke.
pub(crate) fn code(error: &sqlx::Error) -> Option<&str> {
    database_error(error).map(sqlx::postgres::PgDatabaseError::code)
}
