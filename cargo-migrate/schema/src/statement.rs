//! A piece of SQL that changes one object.

/// One statement, or one clause of an `ALTER TABLE` that may be joined with its neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Statement {
    /// A whole statement, with its semicolon.
    Whole(String),
    /// What stands before the clause (`ALTER TABLE users`), and the clause.
    Clause {
        /// The statement up to the clause.
        head: String,
        /// The clause, without comma or semicolon.
        clause: String,
    },
}

impl Statement {
    /// The statement; the semicolon is put here.
    pub(crate) fn whole(text: impl Into<String>) -> Self {
        let mut text = text.into();
        text.push(';');
        Self::Whole(text)
    }

    pub(crate) fn clause(head: impl Into<String>, clause: impl Into<String>) -> Self {
        Self::Clause { head: head.into(), clause: clause.into() }
    }

    /// The statement by itself.
    #[must_use]
    pub fn sql(&self) -> String {
        match self {
            Self::Whole(text) => text.clone(),
            Self::Clause { head, clause } => format!("{head} {clause};"),
        }
    }
}

/// How an object becomes what is desired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is what is desired.
    Keep,
    /// By statements that leave it in place.
    Alter(Vec<Statement>),
    /// Only by dropping and making it again.
    Rebuild,
    /// By nothing that could be generated; this differs.
    Report(String),
}

impl Change {
    /// The statements, when there are any.
    pub(crate) fn of(statements: Vec<Statement>) -> Self {
        if statements.is_empty() { Self::Keep } else { Self::Alter(statements) }
    }
}
