//! The session that keeps watch on a server: while it lives, what bears its token is in use.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _};

use crate::dsn::Dsn;
use crate::report::Failure;

/// What tells a run from all others, on whatever machine: the number of the advisory lock that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Token(pub(super) u64);

impl Token {
    fn random() -> Self {
        // From the seed that every hash map of the standard library gets.
        Self(RandomState::new().build_hasher().finish())
    }

    /// Reads what was written by `Display`.
    pub(super) fn parse(digits: &str) -> Option<Self> {
        let is_ours = digits.len() == 16 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_ours.then(|| u64::from_str_radix(digits, 16).ok()).flatten().map(Self)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A session with its token locked.
#[derive(Debug)]
pub(super) struct Session {
    conn: PgConnection,
    pub(super) token: Token,
}

/// No limit may end the session, or a wait in it.
const UNLIMITED: &str = "SELECT pg_catalog.set_config(s.name, '0', false)
FROM pg_catalog.pg_settings AS s
WHERE s.name OPERATOR(pg_catalog.=) ANY (ARRAY['statement_timeout', 'lock_timeout', 'idle_session_timeout',
    'idle_in_transaction_session_timeout', 'transaction_timeout', 'default_transaction_read_only']);";

impl Session {
    pub(super) async fn open(dsn: &Dsn) -> Result<Self, Failure> {
        let mut conn = dsn.connect().await?;
        let token = Token::random();
        let lock = format!("{UNLIMITED} SELECT pg_catalog.pg_advisory_lock_shared({})", token.0.cast_signed());
        let locked = sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut conn).await;
        locked.map_err(|error| {
            Failure::new(crate::report::Kind::Database, format!("{}: {}", dsn.shown, reason(&error)))
        })?;
        Ok(Self { conn, token })
    }

    /// Sends statements in one message, and returns the rows of all of them.
    pub(super) async fn ask(&mut self, sql: &str) -> Result<Vec<PgRow>, sqlx::Error> {
        ask(&mut self.conn, sql).await
    }

    /// The release of the server.
    pub(super) fn server_version(&self) -> u32 {
        self.conn.server_version_num().unwrap_or(0)
    }
}

/// Sends statements in one message, and returns the rows of all of them.
pub(super) async fn ask(conn: &mut PgConnection, sql: &str) -> Result<Vec<PgRow>, sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(Arc::<str>::from(sql))).fetch_all(conn).await
}

/// The release of a server, where it can be asked.
pub(super) async fn version(dsn: &Dsn) -> Option<u32> {
    let conn = dsn.connect().await.ok()?;
    let version = conn.server_version_num();
    // It has done its work.
    let _ = conn.close().await;
    version
}

/// What the server said, without what the driver adds.
pub(super) fn reason(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

/// The SQLSTATE, if it was the server that spoke.
pub(super) fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::Token;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let token = Token(0x00ab_cdef_0123_4567);
        assert_eq!(Token::parse(&token.to_string()), Some(token));
        for other in ["00ABCDEF01234567", "00abcdef0123456", "+0abcdef01234567", ""] {
            assert_eq!(Token::parse(other), None, "{other}");
        }
    }
}
