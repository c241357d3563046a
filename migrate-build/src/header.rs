//! The header of a revision file, reader and writer side by side.
//!
//! A header is the leading block of `--!` lines in SQL, of `//!` lines in Rust: a summary, a blank line, then
//! `key: value` lines.
//!
//! ```sql
//! --! Create the users table.
//! --!
//! --! parent: 20261120081500
//! ```

mod limit;
mod piece;
mod reader;
mod rewrite;

use std::ops::Range;

use migrate_runtime::table::{Position, Transaction};

pub(crate) use self::reader::read;
pub use self::reader::{parse, parse_down};
pub use self::rewrite::with_parents;

/// How the lines of a header are marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `--!`
    Sql,
    /// `//!`
    Rust,
}

impl Style {
    /// What each line of the header begins with.
    #[must_use]
    pub const fn marker(self) -> &'static str {
        match self {
            Self::Sql => "--!",
            Self::Rust => "//!",
        }
    }
}

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// What the revision does, on one line.
    pub summary: String,
    /// The ids of the parents; none for a base.
    pub parents: Vec<String>,
    /// Labels of the branch that starts here.
    pub branch_labels: Vec<String>,
    /// Ids that come first without being parents.
    pub depends_on: Vec<String>,
    /// Whether the script runs inside a transaction.
    pub transaction: Transaction,
    /// Whether a binary that does not know the revision must not run against it.
    pub breaks_older: bool,
    /// Postgres's `lock_timeout` for it, in milliseconds.
    pub lock_timeout: Option<u64>,
    /// Postgres's `statement_timeout` for it, in milliseconds.
    pub statement_timeout: Option<u64>,
}

impl Header {
    /// A header with the keys that every one has.
    ///
    /// Line breaks, control characters and runs of white space in the summary become single spaces.
    #[must_use]
    pub fn new(summary: impl AsRef<str>, parents: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            summary: one_line(summary.as_ref()),
            parents: parents.into_iter().map(Into::into).collect(),
            branch_labels: Vec::new(),
            depends_on: Vec::new(),
            transaction: Transaction::PerRevision,
            breaks_older: false,
            lock_timeout: None,
            statement_timeout: None,
        }
    }

    /// The header's lines, each with its newline.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        let mut lines = vec![self.summary.clone(), String::new()];
        let parents = if self.parents.is_empty() { "base".to_owned() } else { self.parents.join(", ") };
        lines.push(format!("parent: {parents}"));
        if !self.branch_labels.is_empty() {
            lines.push(format!("branch-label: {}", self.branch_labels.join(", ")));
        }
        if !self.depends_on.is_empty() {
            lines.push(format!("depends-on: {}", self.depends_on.join(", ")));
        }
        if self.transaction == Transaction::None {
            lines.push(NO_TRANSACTION.to_owned());
        }
        if self.breaks_older {
            lines.push("breaks-older: true".to_owned());
        }
        for (key, limit) in [("lock-timeout", self.lock_timeout), ("statement-timeout", self.statement_timeout)] {
            lines.extend(limit.map(|limit| format!("{key}: {}", limit::shown(limit))));
        }
        lines.iter().map(|line| format!("{} {line}", style.marker()).trim_end().to_owned() + "\n").collect()
    }
}

/// The header of a `down.sql` that runs as `transaction` says: one line, or nothing.
#[must_use]
pub fn render_down(transaction: Transaction) -> String {
    match transaction {
        Transaction::PerRevision => String::new(),
        Transaction::None => format!("{} {NO_TRANSACTION}\n", Style::Sql.marker()),
    }
}

/// A header that was read, with the place of each value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parsed {
    /// What it says.
    pub header: Header,
    /// Where `parent` is.
    pub parent: Position,
    /// The bytes of what `parent` says, without the space around it.
    pub parent_value: Range<usize>,
    /// Where each parent is named; none for a base.
    pub parents: Vec<Position>,
    /// Where each dependency is named.
    pub depends_on: Vec<Position>,
    /// Where each branch label is given.
    pub branch_labels: Vec<Position>,
    /// The byte after the header's last line.
    pub body: usize,
}

/// A header as far as it could be read; values that are wrong are left out of it.
#[derive(Clone, Debug)]
pub(crate) struct Partial {
    pub(crate) parsed: Parsed,
    /// The keys of which something was left out.
    doubtful: Vec<&'static str>,
}

impl Partial {
    /// A header of which nothing could be read.
    pub(crate) fn nothing() -> Self {
        let parsed = Parsed {
            header: Header::new("", [""; 0]),
            parent: Position { line: 1, column: 1 },
            parent_value: 0..0,
            parents: Vec::new(),
            depends_on: Vec::new(),
            branch_labels: Vec::new(),
            body: 0,
        };
        Self { parsed, doubtful: KEYS.to_vec() }
    }

    /// Whether everything is known that the header says with this key.
    pub(crate) fn knows(&self, key: &str) -> bool {
        !self.doubtful.contains(&key)
    }

    /// Whether the script runs inside a transaction, where that is known.
    pub(crate) fn transaction(&self) -> Option<Transaction> {
        self.knows("transaction").then_some(self.parsed.header.transaction)
    }
}

/// What is wrong with a header.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeaderError {
    /// Where it is wrong.
    pub position: Position,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

const KEYS: [&str; 7] =
    ["parent", "branch-label", "depends-on", "transaction", "breaks-older", "lock-timeout", "statement-timeout"];

const NO_TRANSACTION: &str = "transaction: none";

fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
