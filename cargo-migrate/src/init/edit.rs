//! Changes to files, decided first, then shown, then agreed to, then made all together.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::report::{Failure, Kind};
use crate::staging::StagedFile;

/// The text of a file before it is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// There is no such file yet.
    Absent,
    /// The file's text.
    Text(String),
}

impl Before {
    /// Reads a file that may be absent.
    pub(crate) fn read(path: &Path, shown: &Path) -> Result<Self, Failure> {
        match fs::read(path) {
            Ok(bytes) => String::from_utf8(bytes).map(Self::Text).map_err(|_| {
                Failure::new(Kind::Project, "the file is not UTF-8, so it cannot be edited")
                    .in_file(shown)
                    .help("save it as UTF-8, then run the command again")
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::Absent),
            Err(error) => Err(Failure::io("read", shown, &error)),
        }
    }

    /// The text, where there is a file.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Absent => None,
            Self::Text(text) => Some(text),
        }
    }
}

/// One file's change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// The file.
    pub(crate) path: PathBuf,
    /// The file as messages show it.
    pub(crate) shown: PathBuf,
    /// Whether it is there already.
    pub(crate) replaces: bool,
    /// Its whole new text.
    pub(crate) after: String,
    /// What the change adds, for the question.
    pub(crate) adds: String,
}

/// Makes all changes: every text is on the disk before the first file is replaced.
pub(crate) fn write_all(edits: &[Edit]) -> Result<(), Failure> {
    let staged = edits.iter().map(|edit| StagedFile::write(&edit.path, &edit.after)).collect::<Result<Vec<_>, _>>()?;
    staged.into_iter().try_for_each(StagedFile::put)
}
