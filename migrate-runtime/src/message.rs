//! One simple-query message of several parts, and which part failed.

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgConnection, PgDatabaseError, PgErrorPosition, PgRow};
use sqlx::{AssertSqlSafe, Either};

/// What a part of a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Opens the transaction and sets the session.
    Open,
    /// Takes the lock, or raises.
    Lock,
    /// Makes the version table.
    CreateTable,
    /// Raises unless the step may still be taken.
    Precondition,
    /// Writes the revision's row before its script.
    Record,
    /// Statement `n` of the script, from 0.
    Statement(usize),
    /// Raises unless the row is still this transaction's, and marks it.
    Finish,
    /// Ends the transaction.
    Commit,
    /// Reads something.
    Read,
    /// Gives back the lock of the session.
    Unlock,
}

/// Statements that travel together: the server skips the rest after an error and answers statement by statement, so the
/// part that failed is known (Postgres manual, 55.2.2.1).
#[derive(Debug, Default)]
pub(crate) struct Message {
    sql: String,
    parts: Vec<(Part, usize)>,
}

/// A part that failed, or a connection that broke while it was under way.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) part: Part,
    /// Where in the part's own text, in bytes, when the server says.
    pub(crate) offset: Option<usize>,
    pub(crate) source: sqlx::Error,
}

impl Failed {
    pub(crate) fn code(&self) -> Option<&str> {
        database_error(&self.source).map(PgDatabaseError::code)
    }
}

/// What the server said, if it was the server that spoke.
pub(crate) fn database_error(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>())
}

impl Message {
    /// Appends a statement without its semicolon. It must be exactly one: the answers are counted.
    pub(crate) fn push(&mut self, part: Part, statement: &str) {
        self.parts.push((part, self.sql.len()));
        self.sql.push_str(statement);
        // The newline keeps a comment at the statement's end from swallowing what follows.
        self.sql.push_str("\n;");
    }

    pub(crate) fn with(mut self, part: Part, statement: &str) -> Self {
        self.push(part, statement);
        self
    }

    pub(crate) fn has(&self, part: Part) -> bool {
        self.parts.iter().any(|(other, _)| *other == part)
    }

    /// Sends the message in one round trip and returns the rows of its [`Part::Read`] parts.
    pub(crate) async fn send(self, conn: &mut PgConnection) -> Result<Vec<PgRow>, Failed> {
        let Self { sql, parts } = self;
        let sql: Arc<str> = sql.into();
        let mut rows = Vec::new();
        let mut n_done = 0;
        let failure = {
            let mut answers = sqlx::raw_sql(AssertSqlSafe(Arc::clone(&sql))).fetch_many(conn);
            loop {
                match answers.try_next().await {
                    Ok(Some(Either::Left(_))) => n_done += 1,
                    Ok(Some(Either::Right(row))) => {
                        if matches!(parts.get(n_done), Some((Part::Read, _))) {
                            rows.push(row);
                        }
                    }
                    Ok(None) => break None,
                    Err(error) => break Some(error),
                }
            }
        };
        match failure {
            None => Ok(rows),
            Some(source) => Err(locate(&sql, &parts, n_done, source)),
        }
    }
}

/// The part is the one whose answer is missing, unless the server names a place: a syntax error is found before anything
/// is run.
fn locate(sql: &str, parts: &[(Part, usize)], n_done: usize, source: sqlx::Error) -> Failed {
    let position = database_error(&source).and_then(|error| match error.position() {
        Some(PgErrorPosition::Original(position)) => position.checked_sub(1),
        _ => None,
    });
    if let Some(n_characters) = position {
        let byte = sql.char_indices().nth(n_characters).map_or(sql.len(), |(byte, _)| byte);
        if let Some((part, start)) = parts.iter().rev().find(|(_, start)| *start <= byte) {
            return Failed { part: *part, offset: Some(byte - start), source };
        }
    }
    let part = parts.get(n_done).or(parts.last()).map_or(Part::Read, |(part, _)| *part);
    Failed { part, offset: None, source }
}
