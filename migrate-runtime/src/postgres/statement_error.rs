//! A statement of a revision that Postgres refused, with its place in the file.

use std::fmt;

use sqlx::postgres::PgDatabaseError;

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
    /// What the driver reported.
    pub source: sqlx::Error,
}

impl StatementError {
    pub(crate) fn new(task: &Task<'_>, script: &Script, n: usize, offset: Option<usize>, source: sqlx::Error) -> Self {
        let start = script.statements()[n].start();
        let position = Position::of(script.text(), start + offset.unwrap_or(0));
        Self {
            revision: task.migration.id().to_owned(),
            direction: task.direction,
            file: script.file(),
            position,
            line: script.text().lines().nth(position.line - 1).unwrap_or_default().to_owned(),
            statement: n + 1,
            n_done: (script.runs_in() == Transaction::None).then_some(n),
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
