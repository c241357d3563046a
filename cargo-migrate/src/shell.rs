//! Everything that is printed: progress and prose on stderr, data on stdout.
//!
//! A reader that has seen enough closes the pipe; what could not be written then is dropped, never a panic.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use dialoguer::Confirm;
use serde::Serialize;

use crate::globals::{Colour, Format};

const STATUS: Style = AnsiColor::Green.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// The terminal, or what stands in for it.
#[derive(Debug)]
pub(crate) struct Shell {
    verbosity: u8,
    quiet: bool,
    format: Format,
    colour: ColorChoice,
}

impl Shell {
    pub(crate) fn new(verbosity: u8, quiet: bool, format: Format, colour: Colour) -> Self {
        let colour = match colour {
            Colour::Auto => ColorChoice::Auto,
            Colour::Always => ColorChoice::Always,
            Colour::Never => ColorChoice::Never,
        };
        Self { verbosity, quiet, format, colour }
    }

    /// How many `-v` were given.
    pub(crate) fn verbosity(&self) -> u8 {
        self.verbosity
    }

    /// Whether data goes out as JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Progress: a verb, right-aligned as cargo's, and what it was done to. Silent with `-q`.
    pub(crate) fn status(&self, verb: &str, message: impl Display) {
        if !self.quiet {
            self.stderr(format_args!("{STATUS}{verb:>12}{STATUS:#} {message}\n"));
        }
    }

    /// Advice on how to go on. Silent with `-q`.
    pub(crate) fn note(&self, message: impl Display) {
        if !self.quiet {
            self.stderr(format_args!("{NOTE}note{NOTE:#}: {message}\n"));
        }
    }

    /// Something that is probably not meant, but no reason to stop.
    pub(crate) fn warn(&self, message: impl Display) {
        if !self.quiet {
            self.stderr(format_args!("{WARNING}warning{WARNING:#}: {message}\n"));
        }
    }

    /// Prose that stands whatever `-q` says: an error, or what a question is about.
    pub(crate) fn say(&self, text: impl Display) {
        self.stderr(format_args!("{text}\n"));
    }

    /// A line, or lines, of data.
    pub(crate) fn data(&self, text: impl Display) {
        let mut stdout = AutoStream::new(io::stdout(), self.colour);
        let _ = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
    }

    /// A JSON document, on one line, of data.
    pub(crate) fn json(&self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(text) => self.data(text),
            Err(error) => self.say(format_args!("error: this result has no JSON form: {error}")),
        }
    }

    /// Asks, and returns what was answered; nothing where nobody is there to answer.
    pub(crate) fn confirm(&self, question: &str) -> Option<bool> {
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            return None;
        }
        Confirm::new().with_prompt(question).default(false).interact_opt().ok().flatten()
    }

    /// Whether errors are printed in colour.
    pub(crate) fn styled_errors(&self) -> bool {
        AutoStream::new(io::stderr(), self.colour).current_choice() != ColorChoice::Never
    }

    fn stderr(&self, text: std::fmt::Arguments<'_>) {
        let mut stderr = AutoStream::new(io::stderr(), self.colour);
        let _ = stderr.write_fmt(text);
    }
}
