//! A statement of a revision that Postgres refused, with its place in the file.

use std::fmt;

use sqlx::postgres::{PgDatabaseError, PgErrorPosition};

use crate::plan::Direction;
use crate::postgres::message::database_error;
use crate::postgres::step::Task;
use crate::script::{Position, Script, Transaction};

/// A statement that failed: where it stands and all that Postgres said about it.
#[derive(Debug)]
#[non_exhaustive]
pub struct StatementError {
    /// The id of the revision.
    pub revision: String,
    /// Which way it was being taken.
    pub direction: Direction,
    /// The path for people, relative to the package.
    pub file: &'static str,
    /// Where Postgres points to, or else where the statement begins.
    pub position: Position,
    /// The line of the file at that position.
    pub line: String,
    /// Which statement of the script, from 1.
    pub statement: usize,
    /// How many statements of a script without a transaction are done and recorded; `None` when all was rolled back.
    pub n_done: Option<usize>,
    /// The statement that a function was running, where it stands in no file of the revision.
    pub inner: Option<Inner>,
    /// What the driver reported.
    pub source: sqlx::Error,
}

/// A statement inside a function that failed, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inner {
    /// Its text.
    pub query: String,
    /// The place in that text.
    pub position: Position,
}

impl Inner {
    pub(crate) fn of(source: &sqlx::Error) -> Option<Self> {
        let (query, offset) = internal(source)?;
        Some(Self { query: query.to_owned(), position: Position::of(query, offset) })
    }
}

/// The statement that a function was running, and the byte in it that Postgres points to.
fn internal(source: &sqlx::Error) -> Option<(&str, usize)> {
    match database_error(source)?.position()? {
        PgErrorPosition::Internal { position, query } => {
            let offset = query.char_indices().nth(position.checked_sub(1)?).map_or(query.len(), |(byte, _)| byte);
            Some((query, offset))
        }
        PgErrorPosition::Original(_) => None,
    }
}

/// Where in a statement an error lies that Postgres has only placed inside a function: in the body that the statement
/// itself has, as that of a `DO` block.
pub(crate) fn inner_offset(statement: &str, source: &sqlx::Error) -> Option<usize> {
    if let Some((query, offset)) = internal(source) {
        let mut places = statement.match_indices(query);
        let (first, None) = (places.next()?.0, places.next()) else { return None };
        return Some(first + offset);
    }
    // Without a place there is still the line of the block's body, counted from its opening quote.
    let context = database_error(source)?.r#where()?;
    let (_, rest) = context.split_once("PL/pgSQL function inline_code_block line ")?;
    let line: usize = rest.split(' ').next()?.parse().ok()?;
    let body = statement.find('$').and_then(|open| statement[open + 1..].find('$').map(|close| open + close + 2))?;
    let lines = statement[body..].split_inclusive('\n');
    let before: usize = lines.clone().take(line.checked_sub(1)?).map(str::len).sum();
    let text = statement[body + before..].lines().next()?;
    Some(body + before + (text.len() - text.trim_start().len()))
}

/// What Postgres names beside its message.
pub(crate) fn names(error: &PgDatabaseError) -> impl Iterator<Item = (&'static str, String)> + use<> {
    let table = error.table().map(|table| match error.schema() {
        Some(schema) => format!("{schema}.{table}"),
        None => table.to_owned(),
    });
    let owned = |name: Option<&str>| name.map(str::to_owned);
    let named = [
        ("table", table),
        ("column", owned(error.column())),
        ("constraint", owned(error.constraint())),
        ("type", owned(error.data_type())),
    ];
    named.into_iter().filter_map(|(name, text)| text.map(|text| (name, text)))
}

impl StatementError {
    /// What Postgres names beside its message: the objects that are concerned.
    pub fn names(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.database().into_iter().flat_map(names)
    }

    pub(crate) fn new(task: &Task<'_>, script: &Script, n: usize, offset: Option<usize>, source: sqlx::Error) -> Self {
        let start = script.statements()[n].start();
        let inside = offset.is_none().then(|| inner_offset(script.statement(n), &source)).flatten();
        let position = Position::of(script.text(), start + offset.or(inside).unwrap_or(0));
        Self {
            revision: task.migration.id().to_owned(),
            direction: task.direction,
            file: script.file(),
            position,
            line: script.text().lines().nth(position.line - 1).unwrap_or_default().to_owned(),
            statement: n + 1,
            n_done: (script.runs_in() == Transaction::None).then_some(n),
            inner: if inside.is_none() { Inner::of(&source) } else { None },
            source,
        }
    }

    /// What Postgres said, unless it was the connection that broke.
    #[must_use]
    pub fn database(&self) -> Option<&PgDatabaseError> {
        database_error(&self.source)
    }

    /// The message of Postgres, or of the driver.
    #[must_use]
    pub fn message(&self) -> String {
        self.database().map_or_else(|| self.source.to_string(), |error| error.message().to_owned())
    }
}

impl fmt::Display for StatementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position;
        write!(f, "revision {} failed at {}:{line}:{column}: {}", self.revision, self.file, self.message())?;
        if let Some(error) = self.database() {
            write!(f, " (SQLSTATE {})", error.code())?;
        }
        let (number, caret) = (line.to_string(), " ".repeat(column - 1));
        let margin = " ".repeat(number.len());
        write!(f, "\n{margin} |\n{number} | {}\n{margin} | {caret}^", self.line.replace('\t', " "))?;
        if let Some(error) = self.database() {
            let said = [("detail", error.detail()), ("hint", error.hint()), ("context", error.r#where())];
            for (name, text) in said.into_iter().filter_map(|(name, text)| text.map(|text| (name, text))) {
                write!(f, "\n  {name}: {text}")?;
            }
        }
        for (name, text) in self.names() {
            write!(f, "\n  {name}: {text}")?;
        }
        if let Some(Inner { query, position }) = &self.inner {
            let line = query.lines().nth(position.line - 1).unwrap_or_default();
            write!(f, "\n  inside: {}\n          {}^", line.replace('\t', " "), " ".repeat(position.column - 1))?;
        }
        match self.n_done {
            None => Ok(()),
            Some(n_done) => write!(f, "\n  statements done before it, and recorded: {n_done}"),
        }
    }
}

impl std::error::Error for StatementError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
