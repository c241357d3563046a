//! One simple-query message of several parts, and which part failed.

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgConnection, PgDatabaseError, PgErrorPosition, PgRow};
use sqlx::{AssertSqlSafe, Either};

use crate::postgres::quote::literal;

/// What a part of a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Opens the transaction and sets the session.
    Open,
    /// Takes the lock, or raises.
    Lock,
    /// Raises unless this session still holds the lock that it took.
    Held,
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
    /// What was read before.
    pub(crate) rows: Vec<PgRow>,
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

/// What went wrong, as the server says it: with its detail and hint, and without the line of its own source code.
pub(crate) fn said(error: &sqlx::Error) -> String {
    let Some(error) = database_error(error) else { return error.to_string() };
    let more = [("detail", error.detail()), ("hint", error.hint())];
    let more: String = more.iter().filter_map(|(name, text)| text.map(|text| format!("; {name}: {text}"))).collect();
    format!("{} (SQLSTATE {}){more}", error.message(), error.code())
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

    /// The statements, in order.
    pub(crate) fn statements(&self) -> impl Iterator<Item = &str> {
        let ends = self.parts.iter().skip(1).map(|(_, start)| *start).chain([self.sql.len()]);
        self.parts.iter().zip(ends).map(|((_, start), end)| self.sql[*start..end].trim_end_matches("\n;"))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    pub(crate) fn has(&self, part: Part) -> bool {
        self.parts.iter().any(|(other, _)| *other == part)
    }

    /// Sends the message in one round trip and returns the rows of its [`Part::Read`] parts.
    pub(crate) async fn send(self, conn: &mut PgConnection) -> Result<Vec<PgRow>, Failed> {
        self.exchange(conn).await.map(|(rows, _)| rows)
    }

    /// Sends the message in one round trip and returns the rows of its [`Part::Read`] parts, and how many its statements
    /// have affected.
    pub(crate) async fn exchange(self, conn: &mut PgConnection) -> Result<(Vec<PgRow>, u64), Failed> {
        let Self { sql, parts } = self;
        let sql: Arc<str> = sql.into();
        let mut rows = Vec::new();
        let mut n_affected = 0;
        let mut n_done = 0;
        let failure = {
            let mut answers = sqlx::raw_sql(AssertSqlSafe(Arc::clone(&sql))).fetch_many(conn);
            loop {
                match answers.try_next().await {
                    Ok(Some(Either::Left(done))) => {
                        if matches!(parts.get(n_done), Some((Part::Statement(_), _))) {
                            n_affected += done.rows_affected();
                        }
                        n_done += 1;
                    }
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
            None => Ok((rows, n_affected)),
            Some(source) => {
                let (part, offset) = locate(&sql, &parts, n_done, &source);
                Err(Failed { part, offset, source, rows })
            }
        }
    }
}

/// The part is the one whose answer is missing; what the server says of a place counts only inside it, as a cached plan
/// may carry a place of another text. Before the first answer it is the place that counts: a syntax error is found before
/// anything is run.
fn locate(sql: &str, parts: &[(Part, usize)], n_done: usize, source: &sqlx::Error) -> (Part, Option<usize>) {
    let position = database_error(source).and_then(|error| match error.position() {
        Some(PgErrorPosition::Original(position)) => position.checked_sub(1),
        _ => None,
    });
    let byte = position.map(|n_characters| sql.char_indices().nth(n_characters).map_or(sql.len(), |(byte, _)| byte));
    let of_byte = byte.and_then(|byte| parts.iter().rposition(|(_, start)| *start <= byte));
    let unanswered = n_done.min(parts.len().saturating_sub(1));
    let n = if n_done == 0 { of_byte.unwrap_or(unanswered) } else { unanswered };
    let offset = byte.filter(|_| of_byte == Some(n)).map(|byte| byte - parts[n].1);
    (parts[n].0, offset)
}

/// A statement that raises unless the condition holds: the cast of this text to a number fails, and with it the message.
///
/// A cast needs no procedural language and no rights. The condition must be one that the planner cannot fold.
pub(crate) fn guard(condition: &str, otherwise: &str) -> String {
    format!("SELECT CAST(CASE WHEN {condition} THEN '1' ELSE {} END AS pg_catalog.int4)", literal(otherwise))
}
