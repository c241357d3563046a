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
    /// What the new text was made from.
    pub(crate) before: Before,
    /// Its whole new text.
    pub(crate) after: String,
    /// What the change adds, for the question.
    pub(crate) adds: String,
}

impl Edit {
    /// Whether the file is there already.
    pub(crate) fn replaces(&self) -> bool {
        self.before != Before::Absent
    }

    /// Refuses a file that somebody saved, made or removed since it was read.
    fn check_unchanged(&self) -> Result<(), Failure> {
        let now = Before::read(&self.path, &self.shown)?;
        if now == self.before {
            return Ok(());
        }
        let happened = match (&self.before, &now) {
            (Before::Absent, _) => "appeared",
            (_, Before::Absent) => "was removed",
            _ => "was changed",
        };
        let shown = self.shown.display();
        Err(Failure::new(Kind::Project, format!("`{shown}` {happened} in the meantime, so nothing was written"))
            .help("run the command again: it starts from what is there now"))
    }
}

/// Makes all changes: every text is on the disk before the first file is replaced. A question may have waited for hours
/// since the files were read, so all of them are read again first.
pub(crate) fn write_all(edits: &[Edit]) -> Result<(), Failure> {
    Failure::all(edits.iter().filter_map(|edit| edit.check_unchanged().err()).collect())?;
    let staged = edits.iter().map(|edit| StagedFile::write(&edit.path, &edit.after)).collect::<Result<Vec<_>, _>>()?;
    staged.into_iter().try_for_each(StagedFile::put)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(folder: &Path, name: &str, after: &str) -> Edit {
        let (path, shown) = (folder.join(name), PathBuf::from(name));
        let before = Before::read(&path, &shown).expect("readable");
        Edit { path, shown, before, after: after.to_owned(), adds: String::new() }
    }

    #[test]
    fn what_was_saved_meanwhile_is_kept_and_nothing_else_is_written() {
        for (name, saved, said) in [
            ("old", Some("saved"), "`old` was changed"),
            ("old", None, "`old` was removed"),
            ("new", Some("made"), "`new` appeared"),
        ] {
            let folder = tempfile::tempdir().expect("a folder");
            fs::write(folder.path().join("old"), "text").expect("written");
            let edits = [("old", "ours"), ("new", "ours"), ("deep/other", "ours")]
                .map(|(name, after)| edit(folder.path(), name, after));
            let path = folder.path().join(name);
            saved.map_or_else(|| fs::remove_file(&path), |text| fs::write(&path, text)).expect("changed");
            let left = |name: &str| fs::read_to_string(folder.path().join(name)).ok();
            let meanwhile = [left("old"), left("new")];
            let refusal = write_all(&edits).expect_err(said).to_string();
            assert!(refusal.starts_with(said), "{refusal}");
            assert_eq!([left("old"), left("new")], meanwhile, "{said}");
            assert!(!folder.path().join("deep").exists(), "{said}");
        }
    }

    #[test]
    fn what_stayed_as_it_was_read_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("old"), "text").expect("written");
        let edits = [edit(folder.path(), "old", "ours"), edit(folder.path(), "deep/new", "ours too")];
        assert_eq!(edits.each_ref().map(Edit::replaces), [true, false]);
        write_all(&edits).expect("written");
        for (name, text) in [("old", "ours"), ("deep/new", "ours too")] {
            assert_eq!(fs::read_to_string(folder.path().join(name)).expect("readable"), text);
        }
    }
}
