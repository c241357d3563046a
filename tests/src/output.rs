//! What a program said, with everything that differs from run to run taken out for comparing.

use regex::{Captures, Regex};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The end of a program.
///
/// Its `Display` is for snapshots: exit code, stdout and stderr, redacted.
#[derive(Clone, Debug)]
pub struct Output {
    /// The exit code, or 128 and the number of the signal that ended it.
    pub code: i32,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
    pub(crate) folder: Option<PathBuf>,
}

impl Output {
    /// Fails the test unless the program ended with 0.
    ///
    /// # Panics
    ///
    /// Panics with all the program said.
    pub fn success(self) -> Self {
        self.exit(0)
    }

    /// Fails the test unless the program ended with this code.
    ///
    /// # Panics
    ///
    /// Panics with all the program said.
    pub fn exit(self, code: i32) -> Self {
        let Self { code: actual, stdout, stderr, .. } = &self;
        assert_eq!(*actual, code, "exit code\nstdout:\n{stdout}\nstderr:\n{stderr}");
        self
    }

    /// The folder in which the program ran becomes `[DIR]`, then as [`redact`].
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let text = self.folder.as_deref().map_or_else(|| text.to_owned(), |folder| without_folder(text, folder));
        redact(&text)
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Together, so that an id has the same number in both.
        let text = format!("exit {}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr);
        let text = self.redact(&text);
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        lines.try_for_each(|line| writeln!(f, "{}", line.trim_end()))
    }
}

/// Replaces what differs from run to run: `[ID-1]`, `[ID-2]`… for 14-digit ids in the order of their first mention,
/// `[AT]` for points in time, `[TIME]` for durations, `[PORT]`, `[PID]`, and `[DATABASE]` for a database of ours.
#[must_use]
pub fn redact(text: &str) -> String {
    static RULES: LazyLock<[(Regex, &str); 5]> = LazyLock::new(|| {
        [
            (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?( ?UTC|Z|[+-]\d\d(:?\d\d)?)?", "[AT]"),
            (r"\b\d+(\.\d+)? ?(ns|µs|us|ms|s|min)\b", "[TIME]"),
            (r"\b(127\.0\.0\.1|localhost):\d+", "$1:[PORT]"),
            (r"\bpid \d+", "pid [PID]"),
            (r"\bmigrate_test_\d+_\d+\b", "[DATABASE]"),
        ]
        .map(|(pattern, replacement)| (Regex::new(pattern).expect("a rule is a pattern"), replacement))
    });
    let text = without_ids(text);
    RULES.iter().fold(text, |text, (pattern, replacement)| pattern.replace_all(&text, *replacement).into_owned())
}

fn without_ids(text: &str) -> String {
    static DIGITS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[0-9]+").expect("digits are a pattern"));
    let mut ids: Vec<String> = Vec::new();
    let name = |captures: &Captures<'_>| {
        let digits = &captures[0];
        if digits.len() != 14 {
            return digits.to_owned();
        }
        let index = ids.iter().position(|id| id == digits).unwrap_or_else(|| {
            ids.push(digits.to_owned());
            ids.len() - 1
        });
        format!("[ID-{}]", index + 1)
    };
    DIGITS.replace_all(text, name).into_owned()
}

fn without_folder(text: &str, folder: &Path) -> String {
    // Where the temporary folder is behind a link, a program may print either path; the longer one holds the other.
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mut paths = [real.display().to_string(), folder.display().to_string()];
    paths.sort_by_key(|path| std::cmp::Reverse(path.len()));
    paths.iter().fold(text.to_owned(), |text, path| text.replace(path, "[DIR]"))
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn what_differs_from_run_to_run_is_replaced() {
        let text = "20261121093000_users and 20261121093001, again 20261121093000; 2026-11-21 09:30:00.12 UTC; \
                    1.5 ms, 12s; 127.0.0.1:54321; pid 4711; migrate_test_12_3; 123456789012345";
        assert_eq!(
            redact(text),
            "[ID-1]_users and [ID-2], again [ID-1]; [AT]; [TIME], [TIME]; 127.0.0.1:[PORT]; pid [PID]; [DATABASE]; \
             123456789012345"
        );
    }
}
