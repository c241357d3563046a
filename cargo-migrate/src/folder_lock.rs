//! One process at a time may add revisions to a folder: each sees what the one before it added.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::report::Failure;

/// Holds the folder until it is dropped, or its process ends in any way.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Waits for the folder.
    pub(crate) fn of(dir: &Path, shown: &Path) -> Result<Self, Failure> {
        let failed = |error| Failure::io("lock", shown, &error);
        let file = open(dir).map_err(failed)?;
        match file.lock() {
            Ok(()) => Ok(Self { _file: file }),
            // Some network file systems have no locks; there the folder's own rules must do.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(Self { _file: file }),
            Err(error) => Err(failed(error)),
        }
    }
}

/// The folder itself can be locked, so that no file is left behind.
#[cfg(unix)]
fn open(dir: &Path) -> io::Result<File> {
    File::open(dir)
}

/// Windows locks only files.
#[cfg(not(unix))]
fn open(dir: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(dir.join(".lock"))
}
