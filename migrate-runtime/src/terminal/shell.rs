//! Everything that is printed: progress and prose on stderr, data on stdout.
//!
//! A reader that has seen enough closes the pipe; what could not be written then is dropped, never a panic. Data that
//! is lost in any other way is remembered, because a run that lost it has not succeeded.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};
use std::sync::OnceLock;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::terminal::output::{Colour, Format};

const STATUS: Style = AnsiColor::Green.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// The terminal, or what stands in for it.
#[derive(Debug)]
pub struct Shell {
    verbosity: u8,
    quiet: bool,
    format: Format,
    colour: ColorChoice,
    /// What is typed to run this program, where that is not `cargo migrate`.
    program: Option<String>,
    lost_output: OnceLock<io::ErrorKind>,
}

impl Shell {
    /// A shell that prints so much, in this form.
    #[must_use]
    pub fn new(verbosity: u8, quiet: bool, format: Format, colour: Colour) -> Self {
        let colour = match colour {
            Colour::Auto => ColorChoice::Auto,
            Colour::Always => ColorChoice::Always,
            Colour::Never => ColorChoice::Never,
        };
        Self { verbosity, quiet, format, colour, program: None, lost_output: OnceLock::new() }
    }

    /// The shell of a program that has the verbs of [`Command`](crate::command::Command), and is run by typing this before
    /// them.
    #[must_use]
    pub fn of_program(self, program: Option<String>) -> Self {
        Self { program, ..self }
    }

    /// Advice as this program gives it: what to type is its own verb, where it has that.
    pub(super) fn advice(&self, text: &str) -> String {
        const VERBS: [&str; 7] = ["upgrade", "downgrade", "switch", "current", "history", "status", "stamp"];
        let Some(program) = &self.program else { return text.to_owned() };
        VERBS.iter().fold(text.to_owned(), |text, verb| {
            text.replace(&format!("`cargo migrate {verb}"), &format!("`{program} {verb}"))
        })
    }

    /// How many `-v` were given.
    pub fn verbosity(&self) -> u8 {
        self.verbosity
    }

    /// Whether data goes out as JSON.
    pub fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Progress: a verb, right-aligned as cargo's, and what it was done to. Silent with `-q`.
    pub fn status(&self, verb: &str, message: impl Display) {
        if !self.quiet {
            self.stderr(format_args!("{STATUS}{verb:>12}{STATUS:#} {message}\n"));
        }
    }

    /// Advice on how to go on. Silent with `-q`.
    pub fn note(&self, message: impl Display) {
        if !self.quiet {
            let message = self.advice(&message.to_string());
            self.stderr(format_args!("{NOTE}note{NOTE:#}: {message}\n"));
        }
    }

    /// Something that is probably not meant, but no reason to stop.
    pub fn warn(&self, message: impl Display) {
        if !self.quiet {
            self.stderr(format_args!("{WARNING}warning{WARNING:#}: {message}\n"));
        }
    }

    /// Prose that stands whatever `-q` says: an error, or what a question is about.
    pub fn say(&self, text: impl Display) {
        self.stderr(format_args!("{text}\n"));
    }

    /// A line, or lines, of data.
    pub fn data(&self, text: impl Display) {
        let mut stdout = AutoStream::new(io::stdout(), self.colour);
        self.remember(writeln!(stdout, "{text}").and_then(|()| stdout.flush()));
    }

    /// A SQL script as data: as it is, or in a document.
    pub fn script(&self, sql: &str) {
        if self.is_json() {
            self.json(&serde_json::json!({"sql": sql}));
        } else {
            self.data(sql.trim_end());
        }
    }

    /// Many lines of data, written at once; without any, nothing.
    pub fn lines(&self, lines: impl IntoIterator<Item = impl Display>) {
        let mut text = String::new();
        for line in lines {
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{line}");
        }
        let mut stdout = AutoStream::new(io::stdout(), self.colour);
        self.remember(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()));
    }

    /// Why data did not reach stdout, where some did not.
    pub fn lost_output(&self) -> Option<io::ErrorKind> {
        self.lost_output.get().copied()
    }

    fn remember(&self, written: io::Result<()>) {
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                // The first failure is the reason of those after it.
                let _ = self.lost_output.set(error.kind());
            }
            _ => {}
        }
    }

    /// A JSON document, on one line, of data.
    pub fn json(&self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(text) => self.data(text),
            Err(error) => self.say(format_args!("error: this result has no JSON form: {error}")),
        }
    }

    /// Whether errors are printed in colour.
    pub fn styled_errors(&self) -> bool {
        AutoStream::new(io::stderr(), self.colour).current_choice() != ColorChoice::Never
    }

    fn stderr(&self, text: std::fmt::Arguments<'_>) {
        let mut stderr = AutoStream::new(io::stderr(), self.colour);
        let _ = stderr.write_fmt(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_advises_its_own_verbs() {
        let text = "`cargo migrate upgrade +1`, then `cargo migrate new`";
        let shell = Shell::new(0, false, Format::Text, Colour::Never);
        assert_eq!(shell.advice(text), text);
        let shell = shell.of_program(Some("shop db".to_owned()));
        assert_eq!(shell.advice(text), "`shop db upgrade +1`, then `cargo migrate new`");
    }

    #[test]
    fn a_closed_pipe_is_no_loss_and_the_first_loss_is_remembered() {
        let shell = Shell::new(0, false, Format::Text, Colour::Never);
        let lost = |kind: io::ErrorKind| {
            shell.remember(Err(kind.into()));
            shell.lost_output()
        };
        assert_eq!(lost(io::ErrorKind::BrokenPipe), None);
        assert_eq!(lost(io::ErrorKind::StorageFull), Some(io::ErrorKind::StorageFull));
        assert_eq!(lost(io::ErrorKind::Other), Some(io::ErrorKind::StorageFull));
        shell.remember(Ok(()));
        assert_eq!(shell.lost_output(), Some(io::ErrorKind::StorageFull));
    }
}
