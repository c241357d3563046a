//! A revision and its scripts, as the generated table holds them.

use std::time::Duration;

use crate::checksum::Checksum;
use crate::graph::Node;
#[cfg(feature = "sqlx")]
use crate::postgres::context::RustFn;
use crate::script::{Script, Transaction};

/// What takes a database over one revision, in one direction.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Action {
    /// A SQL script.
    Sql(Script),
    /// A function of the application.
    #[cfg(feature = "sqlx")]
    Rust(RustScript),
    /// A Rust file that is known but not compiled in: only the binary can run it.
    Uncompiled(Uncompiled),
}

impl Action {
    /// The path for people, relative to the package.
    #[must_use]
    pub const fn file(&self) -> &'static str {
        match self {
            Self::Sql(script) => script.file(),
            #[cfg(feature = "sqlx")]
            Self::Rust(script) => script.file,
            Self::Uncompiled(file) => file.file,
        }
    }

    /// Whether it runs inside a transaction.
    #[must_use]
    pub const fn transaction(&self) -> Transaction {
        match self {
            Self::Sql(script) => script.runs_in(),
            #[cfg(feature = "sqlx")]
            Self::Rust(script) => script.transaction,
            Self::Uncompiled(file) => file.transaction,
        }
    }

    /// How many statements a `transaction: none` script records one by one; a Rust function counts as one.
    #[must_use]
    pub const fn n_statements(&self) -> usize {
        match self {
            Self::Sql(script) => script.statements().len(),
            _ => 1,
        }
    }
}

/// A Rust revision's function in one direction, of which only the text is known.
#[derive(Clone, Copy, Debug)]
pub struct Uncompiled {
    file: &'static str,
    executes: Executes,
    transaction: Transaction,
}

/// What such a function executes, as far as its text tells.
#[derive(Clone, Copy, Debug)]
pub enum Executes {
    /// These texts in order, and nothing else.
    Texts(&'static [&'static str]),
    /// Something that only running it tells.
    Unknown {
        /// The line where that begins, from 1.
        line: usize,
        /// What it does there, for the end of a sentence that begins with the revision.
        why: &'static str,
    },
}

impl Uncompiled {
    /// A function of the file `file` (a path for people, relative to its package).
    #[must_use]
    pub const fn new(file: &'static str, executes: Executes) -> Self {
        Self { file, executes, transaction: Transaction::PerRevision }
    }

    /// The same function, run as `transaction` says.
    #[must_use]
    pub const fn transaction(mut self, transaction: Transaction) -> Self {
        self.transaction = transaction;
        self
    }

    /// The path for people.
    #[must_use]
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// What it executes.
    #[must_use]
    pub const fn executes(&self) -> Executes {
        self.executes
    }
}

/// A Rust revision's function in one direction.
#[cfg(feature = "sqlx")]
#[derive(Clone, Copy)]
pub struct RustScript {
    pub(crate) file: &'static str,
    pub(crate) function: RustFn,
    pub(crate) transaction: Transaction,
}

#[cfg(feature = "sqlx")]
impl RustScript {
    /// The function `function` of the file `file`.
    #[must_use]
    pub const fn new(file: &'static str, function: RustFn) -> Self {
        Self { file, function, transaction: Transaction::PerRevision }
    }

    /// The same function, run as `transaction` says.
    #[must_use]
    pub const fn transaction(mut self, transaction: Transaction) -> Self {
        self.transaction = transaction;
        self
    }
}

#[cfg(feature = "sqlx")]
impl std::fmt::Debug for RustScript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RustScript").field("file", &self.file).finish_non_exhaustive()
    }
}

/// A revision and its scripts.
///
/// The generated table is made of these; the lifetimes are static because the table lives as long as the program.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    id: &'static str,
    slug: &'static str,
    summary: &'static str,
    parents: &'static [&'static str],
    depends_on: &'static [&'static str],
    labels: &'static [&'static str],
    breaks_older: bool,
    lock_timeout: Option<Duration>,
    statement_timeout: Option<Duration>,
    checksum: Checksum,
    token_checksum: Checksum,
    up: Action,
    down: Option<Action>,
}

impl Migration {
    /// A base revision with the given scripts; the methods below add what the header says.
    #[must_use]
    pub const fn new(id: &'static str, slug: &'static str, checksums: [Checksum; 2], up: Action) -> Self {
        let [checksum, token_checksum] = checksums;
        Self {
            id,
            slug,
            summary: "",
            parents: &[],
            depends_on: &[],
            labels: &[],
            breaks_older: false,
            lock_timeout: None,
            statement_timeout: None,
            checksum,
            token_checksum,
            up,
            down: None,
        }
    }

    /// Says in one sentence what the revision does.
    #[must_use]
    pub const fn summary(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    /// Names the parents: none for a base, several for a merge revision.
    #[must_use]
    pub const fn parents(mut self, parents: &'static [&'static str]) -> Self {
        self.parents = parents;
        self
    }

    /// Names revisions that must be applied first without being parents.
    #[must_use]
    pub const fn depends_on(mut self, depends_on: &'static [&'static str]) -> Self {
        self.depends_on = depends_on;
        self
    }

    /// Gives the revision's branch its labels.
    #[must_use]
    pub const fn labels(mut self, labels: &'static [&'static str]) -> Self {
        self.labels = labels;
        self
    }

    /// Marks a revision against which a binary that does not know it must not run.
    #[must_use]
    pub const fn breaks_older(mut self) -> Self {
        self.breaks_older = true;
        self
    }

    /// Sets Postgres's `lock_timeout` for it, in whole milliseconds; zero is without limit.
    #[must_use]
    pub const fn lock_timeout(mut self, limit: Duration) -> Self {
        self.lock_timeout = Some(limit);
        self
    }

    /// Sets Postgres's `statement_timeout` for it, in whole milliseconds; zero is without limit.
    #[must_use]
    pub const fn statement_timeout(mut self, limit: Duration) -> Self {
        self.statement_timeout = Some(limit);
        self
    }

    /// Adds what undoes it; without one the revision is irreversible.
    #[must_use]
    pub const fn down(mut self, down: Action) -> Self {
        self.down = Some(down);
        self
    }

    /// The id: digits and lower-case letters, unique in its package. In a table that includes those of other crates, theirs
    /// have the package before them: `auth::20260801090000`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// The slug: what follows the id in the folder's name.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        self.slug
    }

    /// One sentence on what it does.
    #[must_use]
    pub const fn summary_text(&self) -> &'static str {
        self.summary
    }

    /// The ids of the parents.
    #[must_use]
    pub const fn parent_ids(&self) -> &'static [&'static str] {
        self.parents
    }

    /// The ids it depends on without being their child.
    #[must_use]
    pub const fn dependency_ids(&self) -> &'static [&'static str] {
        self.depends_on
    }

    /// Its branch labels.
    #[must_use]
    pub const fn branch_labels(&self) -> &'static [&'static str] {
        self.labels
    }

    /// Whether a binary that does not know it must not run against it.
    #[must_use]
    pub const fn is_breaking(&self) -> bool {
        self.breaks_older
    }

    /// Its own `lock_timeout`, if it has one.
    #[must_use]
    pub const fn lock_limit(&self) -> Option<Duration> {
        self.lock_timeout
    }

    /// Its own `statement_timeout`, if it has one.
    #[must_use]
    pub const fn statement_limit(&self) -> Option<Duration> {
        self.statement_timeout
    }

    /// The digest of the normalised text of what applies it.
    #[must_use]
    pub const fn checksum(&self) -> Checksum {
        self.checksum
    }

    /// The digest of its tokens, without comments and white space.
    #[must_use]
    pub const fn token_checksum(&self) -> Checksum {
        self.token_checksum
    }

    /// What applies it.
    #[must_use]
    pub const fn up_action(&self) -> &Action {
        &self.up
    }

    /// What undoes it, if anything does.
    #[must_use]
    pub const fn down_action(&self) -> Option<&Action> {
        self.down.as_ref()
    }

    /// The same under other names: those that it has seen from another package.
    pub(crate) const fn renamed(mut self, id: &'static str, slug: &'static str) -> Self {
        (self.id, self.slug) = (id, slug);
        self
    }

    /// The node of the revision graph that this migration is.
    #[must_use]
    pub fn node(&self) -> Node<'static> {
        Node {
            id: self.id,
            slug: self.slug,
            parents: self.parents.to_vec(),
            depends_on: self.depends_on.to_vec(),
            labels: self.labels.to_vec(),
        }
    }
}
