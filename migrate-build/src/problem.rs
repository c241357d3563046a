//! What is wrong with the revision files: where, what, and what to do about it.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use migrate_runtime::table::Position;

/// One thing that is wrong with a file or a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The file or folder, as it shall be printed.
    pub path: PathBuf,
    /// The place in the file, where there is one.
    pub position: Option<Position>,
    /// What is wrong, in lower case and without a full stop.
    pub message: String,
    /// The next command or edit; it may have several lines.
    pub help: Option<String>,
    /// What keeps the revisions from being a graph, as `GraphError::kind` names it; none for other faults.
    pub kind: Option<&'static str>,
}

impl Problem {
    /// A problem of the whole file or folder `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self { path: path.into(), position: None, message: message.into(), help: None, kind: None }
    }

    /// The same problem at a place in the file.
    #[must_use]
    pub fn at(mut self, position: Position) -> Self {
        self.position = Some(position);
        self
    }

    /// The same problem with the next command or edit.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same problem, as a fault of the graph.
    pub(crate) fn kind(mut self, kind: &'static str) -> Self {
        self.kind = Some(kind);
        self
    }
}

/// `path:line:col: message`, and the help below it, indented.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&slashed(&self.path))?;
        if let Some(Position { line, column }) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {}", help.replace('\n', "\n    "))?;
        }
        Ok(())
    }
}

/// Everything that is wrong with a migrations folder, in order of path and place; never empty.
///
/// Both `Display` and `Debug` are the report, so that `fn main() -> migrate_build::Result` prints it readably: Rust
/// prints the `Debug` form of what `main` returns.
#[derive(Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// All of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// Succeeds when nothing is wrong.
    pub(crate) fn none_of(mut problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            return Ok(());
        }
        problems.sort_by(|one, other| (&one.path, one.position).cmp(&(&other.path, other.position)));
        problems.dedup();
        Err(Self(problems))
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

/// The report on lines of its own, because what prints it writes `Error: ` first.
impl fmt::Debug for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Problems {}

/// A path for people, the same on every system.
pub(crate) fn slashed(path: &Path) -> String {
    let mut text = String::new();
    for component in path.components() {
        if !text.is_empty() && !text.ends_with('/') {
            text.push('/');
        }
        match component {
            Component::RootDir => text.push('/'),
            other => text.push_str(&other.as_os_str().to_string_lossy()),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_sorted_and_indented() {
        let later = Problem::new("m/b/up.sql", "second").at(Position { line: 3, column: 7 });
        let earlier = Problem::new(Path::new("m").join("a"), "first").help("write\n--! this");
        let problems = Problems::none_of(vec![later.clone(), earlier, later]).unwrap_err();
        let report = "m/a: first\n  help: write\n    --! this\nm/b/up.sql:3:7: second";
        assert_eq!(problems.to_string(), report);
        assert_eq!(format!("{problems:?}"), format!("\n{report}"));
        assert_eq!(problems.iter().count(), 2);
    }

    #[test]
    fn paths_have_forward_slashes() {
        assert_eq!(slashed(Path::new("/a/b")), "/a/b");
        assert_eq!(slashed(Path::new("a//b/")), "a/b");
    }
}
