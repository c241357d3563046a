//! A statement of a file that the server refused, shown where it stands.

use std::ops::Range;
use std::path::Path;

use sqlx::postgres::{PgDatabaseError, PgErrorPosition};

use crate::postgres::statement_error::{self, Inner};
use crate::script::Position;
use crate::terminal::report::{Failure, Kind};

/// A statement of a file, as it was sent.
#[derive(Clone, Debug)]
pub struct Sent<'f> {
    /// The file, as it is shown.
    pub file: &'f Path,
    /// Its whole text.
    pub text: &'f str,
    /// Where the statement lies in it.
    pub statement: Range<usize>,
    /// Where in the text the message begins with which it was sent: the server counts from there.
    pub message_start: usize,
}

impl Sent<'_> {
    /// What the server said about it; nothing where it was the connection that broke.
    #[must_use]
    pub fn refused(&self, source: &sqlx::Error) -> Option<Failure> {
        let error = said(source)?;
        let statement = &self.text[self.statement.clone()];
        let inside = || statement_error::inner_offset(statement, source).map(|offset| self.statement.start + offset);
        let offset = self.told(error).or_else(inside);
        let position = Position::of(self.text, offset.unwrap_or(self.statement.start));
        let message = format!("{} (SQLSTATE {})", error.message(), error.code());
        let failure = Failure::new(Kind::Failed, message).at(self.file, position, Some(self.text.to_owned()));
        let failure = with_details(failure, error);
        Some(match Inner::of(source).filter(|_| offset.is_none()) {
            Some(inner) => with_inner(failure, &inner),
            None => failure,
        })
    }

    /// The byte that the server points to, where that lies in the statement.
    fn told(&self, error: &PgDatabaseError) -> Option<usize> {
        let Some(PgErrorPosition::Original(position)) = error.position() else { return None };
        let message = &self.text[self.message_start..];
        let (byte, _) = message.char_indices().nth(position.checked_sub(1)?)?;
        let offset = self.message_start + byte;
        (self.statement.start..=self.statement.end).contains(&offset).then_some(offset)
    }
}

/// What the server said, if it was the server.
#[must_use]
pub fn said(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    crate::postgres::message::database_error(error)
}

/// The failure with all that the server said beside its message.
pub(crate) fn with_details(mut failure: Failure, error: &PgDatabaseError) -> Failure {
    let details = [("detail", error.detail()), ("hint", error.hint()), ("context", error.r#where())];
    for (name, text) in details.into_iter().filter_map(|(name, text)| text.map(|text| (name, text))) {
        failure = failure.note(format!("{name}: {text}"));
    }
    for (name, text) in statement_error::names(error) {
        failure = failure.note(format!("{name}: {text}"));
    }
    failure
}

/// The failure with the statement that a function was running.
pub(crate) fn with_inner(failure: Failure, inner: &Inner) -> Failure {
    let line = inner.query.lines().nth(inner.position.line - 1).unwrap_or_default();
    failure.note(format!("inside: {line}\n        {}^", " ".repeat(inner.position.column - 1)))
}
