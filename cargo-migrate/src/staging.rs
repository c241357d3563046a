//! Writing so that nothing half-done is ever seen: files and folders are made under another name, then renamed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

use crate::report::Failure;

/// A folder with a name that begins with a dot; it goes away with this value.
#[derive(Debug)]
pub(crate) struct Staging {
    path: PathBuf,
}

impl Staging {
    /// Makes the folder inside `parent`, so that what it holds can be renamed into `parent`.
    pub(crate) fn new_in(parent: &Path, shown: &Path) -> Result<Self, Failure> {
        let path = parent.join(format!(".new-{}", process::id()));
        // One left over by a process that was killed, and whose number came round again.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).map_err(|error| Failure::io("make a folder in", shown, &error))?;
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file inside, with the folders it needs.
    pub(crate) fn write(&self, name: impl AsRef<Path>, text: &str) -> Result<(), Failure> {
        let path = self.path.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| Failure::io("make the folder", folder, &error))?;
        }
        write_durably(&path, text, None).map_err(|error| Failure::io("write", &path, &error))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What cannot be removed is a dot folder that every reader passes over.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// The whole new text of a file, written beside it and not yet in its place.
#[derive(Debug)]
pub(crate) struct StagedFile {
    temporary: PathBuf,
    path: PathBuf,
}

impl StagedFile {
    /// Writes `text` beside `path`, in a folder that is made if need be, with the permissions of the file it will replace.
    pub(crate) fn write(path: &Path, text: &str) -> Result<Self, Failure> {
        // The file that a symlink leads to is replaced, not the symlink.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let failed = |error| Failure::io("write", &path, &error);
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|error| Failure::io("make the folder", folder, &error))?;
        let permissions = match fs::metadata(&path) {
            Ok(metadata) if metadata.permissions().readonly() => {
                return Err(failed(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only")));
            }
            Ok(metadata) => Some(metadata.permissions()),
            Err(_) => None,
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let temporary = folder.join(format!(".{name}.new-{}", process::id()));
        write_durably(&temporary, text, permissions).map_err(failed)?;
        Ok(Self { temporary, path })
    }

    /// Puts the new text in the file's place.
    pub(crate) fn put(self) -> Result<(), Failure> {
        fs::rename(&self.temporary, &self.path).map_err(|error| Failure::io("replace", &self.path, &error))
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        // After `put` there is nothing under this name.
        let _ = fs::remove_file(&self.temporary);
    }
}

fn write_durably(path: &Path, text: &str, permissions: Option<fs::Permissions>) -> io::Result<()> {
    let mut file = File::create(path)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("readable")
            .map(|entry| entry.expect("entry").file_name().into_string().expect("text"))
            .collect();
        names.sort();
        names
    }

    #[test]
    fn nothing_is_left_when_nothing_is_put() {
        let folder = tempfile::tempdir().expect("a folder");
        {
            let staging = Staging::new_in(folder.path(), Path::new("here")).expect("staged");
            staging.write("a/b", "text").expect("written");
            let _file = StagedFile::write(&folder.path().join("c"), "text").expect("staged");
            assert_eq!(names(folder.path()).len(), 2);
        }
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn a_replaced_file_keeps_its_permissions_and_its_symlink() {
        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").expect("written");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&real, fs::Permissions::from_mode(0o755)).expect("set");
            std::os::unix::fs::symlink(&real, &link).expect("linked");
            StagedFile::write(&link, "new").expect("staged").put().expect("put");
            assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
            assert_eq!(fs::metadata(&real).expect("there").permissions().mode() & 0o777, 0o755);
        }
        #[cfg(not(unix))]
        StagedFile::write(&real, "new").expect("staged").put().expect("put");
        assert_eq!(fs::read_to_string(&real).expect("read"), "new");
    }
}
