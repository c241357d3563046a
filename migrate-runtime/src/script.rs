//! One file of a revision: its text, where its statements begin and end, and whether it wants a transaction.

use crate::checksum::Checksum;

/// Whether a script runs inside a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transaction {
    /// One transaction holds the script and its row in the version table.
    #[default]
    PerRevision,
    /// Statement by statement, each its own commit: for `CREATE INDEX CONCURRENTLY` and its like.
    None,
}

/// A statement's place in its script: byte offsets, the end exclusive, without the semicolon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    start: usize,
    end: usize,
}

impl Span {
    /// A span from byte `start` up to, and without, byte `end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        assert!(start < end, "a statement has at least one byte");
        Self { start, end }
    }

    /// The first byte.
    #[must_use]
    pub const fn start(self) -> usize {
        self.start
    }

    /// The byte after the last.
    #[must_use]
    pub const fn end(self) -> usize {
        self.end
    }
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Position {
    /// The position of byte `offset` in `text`; past the end it is the end.
    #[must_use]
    pub fn of(text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset.min(text.len()))];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// A SQL file of a revision, with the statement boundaries that the build found.
///
/// The text is the whole file, header included, so that an offset in it is an offset in the file.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    file: &'static str,
    text: &'static str,
    statements: &'static [Span],
    transaction: Transaction,
}

impl Script {
    /// A script from the file `file` (a path for people, relative to its package) with the given statements.
    #[must_use]
    pub const fn new(file: &'static str, text: &'static str, statements: &'static [Span]) -> Self {
        Self { file, text, statements, transaction: Transaction::PerRevision }
    }

    /// The same script, run as `transaction` says.
    #[must_use]
    pub const fn transaction(mut self, transaction: Transaction) -> Self {
        self.transaction = transaction;
        self
    }

    /// The path for people, relative to the package.
    #[must_use]
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// The whole text.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// Where the statements lie, in order.
    #[must_use]
    pub const fn statements(&self) -> &'static [Span] {
        self.statements
    }

    /// The text of statement `n`, from 0.
    #[must_use]
    pub fn statement(&self, n: usize) -> &'static str {
        let span = self.statements[n];
        &self.text[span.start..span.end]
    }

    /// Whether it runs inside a transaction.
    #[must_use]
    pub const fn runs_in(&self) -> Transaction {
        self.transaction
    }

    /// The digest of the first `n` statements: what must not change once they ran on their own.
    #[must_use]
    pub fn prefix_checksum(&self, n: usize) -> Checksum {
        Checksum::of_tokens(self.statements.iter().take(n).map(|span| &self.text[span.start..span.end]))
    }
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn columns_count_characters() {
        let text = "-- é\nSELECT 'ü', x";
        assert_eq!(Position::of(text, text.find('x').unwrap()), Position { line: 2, column: 13 });
        assert_eq!(Position::of(text, 0), Position { line: 1, column: 1 });
        assert_eq!(Position::of(text, 999), Position { line: 2, column: 14 });
    }
}
