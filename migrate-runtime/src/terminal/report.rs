//! Failures: what went wrong, where, what to type next, and the exit code that says so to scripts.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::table::Position;
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::terminal::shell::Shell;

const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
const NOTE: Style = AnsiColor::BrightGreen.on_default().bold();
const HELP: Style = AnsiColor::BrightCyan.on_default().bold();
const TITLE: Style = Style::new().bold();

/// What sort of failure it is; each has a name in JSON and an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The command line asks for what cannot be.
    Usage,
    /// The cargo project, or its configuration, is not as it must be.
    Project,
    /// The revision files are invalid.
    Revisions,
    /// A file or folder cannot be read or written.
    Io,
    /// A target that leads nowhere, or a graph that is none; the name says how.
    Target(&'static str),
    /// A revision failed: nothing of it is half-recorded.
    Failed,
    /// A Rust revision is due that only its binary can run.
    Uncompiled,
    /// A downgrade would pass a revision that nothing undoes.
    Irreversible,
    /// The database cannot be reached, or refuses.
    Database,
    /// Somebody else held the migration lock for too long.
    Lock,
    /// An applied revision was edited.
    Edited,
    /// The database has revisions that the files do not.
    Ahead,
    /// The database and the files each have revisions that the other lacks.
    Diverged,
    /// The same history is applied under the name of another package.
    OtherPackage,
    /// A check found something.
    Found,
    /// A signal, by its number, ended the run.
    Interrupted(u8),
    /// Another program did it, and has told how it ended: with this exit code.
    Told(u8),
}

impl Kind {
    /// The `kind` of the JSON document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Project => "project",
            Self::Revisions => "revisions",
            Self::Io => "io",
            Self::Target(name) => name,
            Self::Failed => "failed",
            Self::Uncompiled => "uncompiled",
            Self::Irreversible => "irreversible",
            Self::Database => "database",
            Self::Lock => "lock",
            Self::Edited => "edited",
            Self::Ahead => "ahead",
            Self::Diverged => "diverged",
            Self::OtherPackage => "other_package",
            Self::Found => "found",
            Self::Interrupted(_) => "interrupted",
            Self::Told(_) => "told",
        }
    }

    /// What the process exits with: the one list of exit codes.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Io | Self::Failed | Self::Uncompiled | Self::Irreversible => 1,
            Self::Usage | Self::Project | Self::Target(_) => 2,
            Self::Revisions => 3,
            Self::Database | Self::Lock | Self::Edited | Self::Ahead | Self::Diverged | Self::OtherPackage => 4,
            Self::Found => 5,
            // As a shell reports a program that a signal has ended.
            Self::Interrupted(signal) => 128 + signal,
            Self::Told(code) => code,
        }
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    /// Never empty: the first is the failure's own, the others were found with it.
    findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Debug)]
struct Finding {
    message: String,
    notes: Vec<String>,
    help: Option<String>,
    place: Option<Place>,
}

/// Where it is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as it is shown.
    pub file: PathBuf,
    /// The place in the file.
    pub position: Option<Position>,
    /// The whole text of the file, for the snippet.
    pub source: Option<String>,
}

impl Failure {
    /// A failure with its message: lowercase, no full stop, what is wrong and where.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, findings: vec![Finding { message: message.into(), notes: Vec::new(), help: None, place: None }] }
    }

    /// A file operation that failed: `attempt` is what was attempted, as in "read".
    pub fn io(attempt: &str, path: &Path, error: &io::Error) -> Self {
        let failure = Self::new(Kind::Io, format!("failed to {attempt} `{}`: {}", path.display(), reason(error)));
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                failure.help("check the permissions of that path, then run the command again")
            }
            _ => failure,
        }
    }

    /// What sort of failure it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// What to do about it; an empty text is none.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        let help = help.into();
        self.findings[0].help = (!help.is_empty()).then_some(help);
        self
    }

    /// The same failure as one of another sort.
    pub fn of_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// Something else that is known about it.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.findings[0].notes.push(note.into());
        self
    }

    /// The file it is about.
    pub fn in_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.findings[0].place = Some(Place { file: file.into(), position: None, source: None });
        self
    }

    /// The file and the position in it; with the file's text the line is shown.
    pub fn at(mut self, file: impl Into<PathBuf>, position: Position, source: Option<String>) -> Self {
        self.findings[0].place = Some(Place { file: file.into(), position: Some(position), source });
        self
    }

    /// Several failures as one: its kind is that of the first.
    pub fn all(failures: Vec<Self>) -> Result<(), Self> {
        match failures.into_iter().reduce(|mut all, failure| {
            all.findings.extend(failure.findings);
            all
        }) {
            None => Ok(()),
            Some(all) => Err(all),
        }
    }

    /// The problems of a folder of revisions, at least one: the message of each, what to do about it, and where it is.
    pub fn revisions(problems: impl IntoIterator<Item = (String, Option<String>, Place)>) -> Self {
        let finding = |(message, help, place)| Finding { message, notes: Vec::new(), help, place: Some(place) };
        Self { kind: Kind::Revisions, findings: problems.into_iter().map(finding).collect() }
    }

    /// Prints it, and gives the exit code.
    pub fn report(mut self, shell: &Shell) -> ExitCode {
        if let Kind::Told(code) = self.kind {
            return ExitCode::from(code);
        }
        for finding in &mut self.findings {
            finding.help = finding.help.as_deref().map(|help| shell.advice(help));
            finding.message = shell.advice(&finding.message);
        }
        if shell.is_json() {
            shell.json(&Document::of(&self));
        } else {
            let renderer = if shell.styled_errors() { Renderer::styled() } else { Renderer::plain() };
            let renderer = renderer.decor_style(DecorStyle::Ascii);
            for (n, finding) in self.findings.iter().enumerate() {
                let text = finding.render(&renderer);
                shell.say(format_args!("{}{text}", if n == 0 { "" } else { "\n" }));
            }
        }
        ExitCode::from(self.kind.exit_code())
    }
}

/// One line for each finding, as in a log: `file:line:column: message; help`.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, finding) in self.findings.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            if let Some(place) = &finding.place {
                write!(f, "{}:", place.file.display())?;
                if let Some(position) = place.position {
                    write!(f, "{}:{}:", position.line, position.column)?;
                }
                f.write_str(" ")?;
            }
            f.write_str(&finding.message)?;
            if let Some(help) = &finding.help {
                write!(f, "; {help}")?;
            }
        }
        Ok(())
    }
}

impl Finding {
    fn render(&self, renderer: &Renderer) -> String {
        let Some(place) = &self.place else { return self.without_place() };
        let file = place.file.display().to_string();
        let group = Group::with_title(Level::ERROR.primary_title(&*self.message));
        let mut group = match (place.position, &place.source) {
            (Some(position), Some(source)) => {
                let span = word_at(source, position);
                let snippet = Snippet::source(source.as_str()).path(file);
                group.element(snippet.annotation(AnnotationKind::Primary.span(span)))
            }
            (Some(position), None) => {
                group.element(Origin::path(file).line(position.line).char_column(position.column))
            }
            (None, _) => group.element(Origin::path(file)),
        };
        for note in &self.notes {
            group = group.element(Level::NOTE.message(&**note));
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(&**help));
        }
        renderer.render(&[group])
    }

    /// Without a snippet there is no gutter for notes to hang on: they are lines of their own.
    fn without_place(&self) -> String {
        let mut text = format!("{ERROR}error{ERROR:#}{TITLE}: {}{TITLE:#}", self.message);
        for note in &self.notes {
            text += &format!("\n{NOTE}note{NOTE:#}: {note}");
        }
        if let Some(help) = &self.help {
            text += &format!("\n{HELP}help{HELP:#}: {help}");
        }
        text
    }
}

/// The word that begins at a position, so that the carets are as long as what is meant.
fn word_at(source: &str, position: Position) -> Range<usize> {
    let line_start: usize = source.split_inclusive('\n').take(position.line.saturating_sub(1)).map(str::len).sum();
    let line = source[line_start..].lines().next().unwrap_or_default();
    let start = line.char_indices().nth(position.column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
    let first = line[start..].chars().next().map_or(0, char::len_utf8);
    let rest = &line[start + first..];
    let more = rest.find(|c: char| c.is_whitespace() || ",;()=".contains(c)).unwrap_or(rest.len());
    let end = start + first + if line[start..].starts_with(char::is_whitespace) { 0 } else { more };
    line_start + start..line_start + end
}

/// What the system says, without the number that Rust adds.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

#[derive(Serialize)]
struct Document<'f> {
    error: ErrorDocument<'f>,
}

#[derive(Serialize)]
struct ErrorDocument<'f> {
    kind: &'static str,
    #[serde(flatten)]
    first: FindingDocument<'f>,
    /// What else is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<FindingDocument<'f>>,
}

#[derive(Serialize)]
struct FindingDocument<'f> {
    message: &'f str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'f [String],
    help: Option<&'f str>,
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
}

impl<'f> Document<'f> {
    fn of(failure: &'f Failure) -> Self {
        let mut findings = failure.findings.iter().map(|finding| FindingDocument {
            message: &finding.message,
            notes: &finding.notes,
            help: finding.help.as_deref(),
            file: finding.place.as_ref().map(|place| place.file.display().to_string()),
            line: finding.place.as_ref().and_then(|place| place.position).map(|position| position.line),
            column: finding.place.as_ref().and_then(|place| place.position).map(|position| position.column),
        });
        let first = findings.next().expect("a failure has at least one finding");
        Self { error: ErrorDocument { kind: failure.kind.as_str(), first, others: findings.collect() } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(failure: &Failure) -> String {
        failure.findings[0].render(&Renderer::plain())
    }

    #[test]
    fn the_caret_stands_under_the_word() {
        let source = "--! Create users.\n--!\n--! parnet: base\n";
        let failure = Failure::new(Kind::Revisions, "unknown header key `parnet`").help("did you mean `parent`?").at(
            "migrations/1_a/up.sql",
            Position { line: 3, column: 5 },
            Some(source.to_owned()),
        );
        assert_eq!(
            rendered(&failure),
            "error: unknown header key `parnet`\n \
             --> migrations/1_a/up.sql:3:5\n  |\n\
             3 | --! parnet: base\n  |     ^^^^^^^\n  |\n  \
             = help: did you mean `parent`?"
        );
    }

    #[test]
    fn without_a_place_every_part_is_a_line() {
        let failure = Failure::new(Kind::Usage, "no").note("because").help("try again");
        assert_eq!(
            anstream::adapter::strip_str(&rendered(&failure)).to_string(),
            "error: no\nnote: because\nhelp: try again"
        );
    }

    #[test]
    fn a_position_past_the_end_is_no_panic() {
        for (source, line, column) in [("", 1, 1), ("ä", 1, 9), ("a\nb", 7, 1), ("a\r\nö", 2, 2)] {
            let range = word_at(source, Position { line, column });
            assert!(source.get(range).is_some(), "{source:?} {line}:{column}");
        }
    }

    #[test]
    fn the_json_form_has_every_key() {
        let failure = Failure::new(Kind::Usage, "no").at("a", Position { line: 2, column: 3 }, None);
        assert_eq!(
            serde_json::to_string(&Document::of(&failure)).expect("serialises"),
            r#"{"error":{"kind":"usage","message":"no","help":null,"file":"a","line":2,"column":3}}"#
        );
    }
}
