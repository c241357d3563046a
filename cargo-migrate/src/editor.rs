//! The user's editor: $VISUAL, else $EDITOR.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::report::{Failure, Kind};

/// An editor and its arguments.
#[derive(Debug)]
pub(crate) struct Editor(Vec<String>);

impl Editor {
    /// The one that is set, split as the shell would in the usual cases; `otherwise` is what helps where none is.
    pub(crate) fn find(otherwise: &str) -> Result<Self, Failure> {
        let value = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
        let set = ["VISUAL", "EDITOR"].into_iter().find_map(value);
        set.map(|value| Self(value.split_whitespace().map(str::to_owned).collect())).ok_or_else(|| {
            Failure::new(Kind::Usage, "neither $VISUAL nor $EDITOR is set")
                .help(format!("set one of them, or {otherwise}"))
        })
    }

    /// Opens files and waits until the editor ends; `afterwards` is what is true whether it fails or not.
    pub(crate) fn open(&self, files: &[PathBuf], afterwards: &str) -> Result<(), Failure> {
        let Self(words) = self;
        let command = words.join(" ");
        let status = Command::new(&words[0]).args(&words[1..]).args(files).status().map_err(|error| {
            Failure::io("start the editor", Path::new(&command), &error).help("check $VISUAL and $EDITOR")
        })?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::new(Kind::Io, format!("the editor `{command}` failed: {status}")).help(afterwards))
    }
}
