//! Source files that are read for models, places in them, and what is wrong there.

use std::path::PathBuf;
use std::rc::Rc;

use migrate_runtime::table::Position;
use proc_macro2::Span;

use crate::report::{Failure, Kind, Place};

/// A source file, as messages show it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SourceFile {
    pub(super) shown: PathBuf,
    /// The text, without a byte order mark.
    pub(super) text: String,
}

impl SourceFile {
    /// Where a token is.
    pub(super) fn spot(self: &Rc<Self>, span: Span) -> Spot {
        let start = span.start();
        Spot { file: Rc::clone(self), position: Position { line: start.line, column: start.column + 1 } }
    }
}

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    file: Rc<SourceFile>,
    pub(super) position: Position,
}

impl Spot {
    /// Whether it is in this file.
    pub(super) fn is_in(&self, file: &Rc<SourceFile>) -> bool {
        Rc::ptr_eq(&self.file, file)
    }

    /// What is wrong here.
    pub(super) fn failure(&self, message: impl Into<String>) -> Failure {
        Failure::new(Kind::Project, message).at(&self.file.shown, self.position, Some(self.file.text.clone()))
    }

    /// The place behind this text, where a literal that has it begins here. One that is written with escapes has it not.
    pub(super) fn inside(&self, text: &str) -> Self {
        let line_start = self.file.text.split_inclusive('\n').take(self.position.line - 1).map(str::len).sum::<usize>();
        let line = &self.file.text[line_start..];
        let Some((column, _)) = line.char_indices().nth(self.position.column - 1) else { return self.clone() };
        let literal = &line[column..];
        let inside = literal.trim_start_matches('r').trim_start_matches('#').strip_prefix('"');
        match inside.filter(|inside| inside.starts_with(text)) {
            None => self.clone(),
            Some(inside) => {
                let offset = self.file.text.len() - inside.len() + text.len();
                Self { position: Position::of(&self.file.text, offset), ..self.clone() }
            }
        }
    }

    /// The place, for others.
    pub(super) fn place(&self) -> Place {
        Place { file: self.file.shown.clone(), position: Some(self.position), source: Some(self.file.text.clone()) }
    }

    /// The place in a word: `src/models.rs:12:5`.
    pub(super) fn shown(&self) -> String {
        format!("{}:{}:{}", self.file.shown.display(), self.position.line, self.position.column)
    }
}

/// What somebody wrote, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written<T = String> {
    pub(super) value: T,
    pub(super) spot: Spot,
}

/// Collects failures, so that all are told at once.
#[derive(Debug, Default)]
pub(super) struct Problems {
    failures: Vec<Failure>,
}

impl Problems {
    /// Adds them.
    pub(super) fn add(&mut self, failures: impl IntoIterator<Item = Failure>) {
        self.failures.extend(failures);
    }

    /// The value; none, where it is a failure.
    pub(super) fn take<T>(&mut self, result: Result<T, Failure>) -> Option<T> {
        result.map_err(|failure| self.failures.push(failure)).ok()
    }

    /// All of them as one.
    pub(super) fn finish(self) -> Result<(), Failure> {
        Failure::all(self.failures)
    }
}
