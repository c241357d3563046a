//! Paths as messages show them, and as they are compared.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// A path as messages show it: relative to where the program runs, where that is near.
pub(crate) fn shown(path: &Path, here: &Path) -> PathBuf {
    let here = fs::canonicalize(here).unwrap_or_else(|_| here.to_owned());
    let n_shared = path.components().zip(here.components()).take_while(|(one, other)| one == other).count();
    let n_up = here.components().count() - n_shared;
    // From another part of the disk a chain of `..` would say less than the whole path.
    if n_shared <= 1 || n_up > 3 {
        return path.to_owned();
    }
    let up = std::iter::repeat_n(Component::ParentDir, n_up);
    let relative: PathBuf = up.chain(path.components().skip(n_shared)).collect();
    if relative.as_os_str().is_empty() { PathBuf::from(".") } else { relative }
}

/// A path without `.` and without a `..` that can be resolved by its text alone.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            // What `..` means behind a symlink only the file system knows.
            Component::ParentDir if !cleaned.is_symlink() && cleaned.file_name().is_some() => {
                cleaned.pop();
            }
            part => cleaned.push(part),
        }
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_path_is_relative_where_that_says_more() {
        for (path, here, expected) in [
            ("/a/b/migrations", "/a/b", "migrations"),
            ("/a/b/migrations", "/a/b/src", "../migrations"),
            ("/a/b/migrations", "/a/b/migrations", "."),
            ("/a/c/migrations", "/a/b", "../c/migrations"),
            ("/x/migrations", "/a/b", "/x/migrations"),
        ] {
            assert_eq!(shown(Path::new(path), Path::new(here)), Path::new(expected), "{path} from {here}");
        }
    }

    #[test]
    fn a_path_is_cleaned_by_its_text() {
        for (path, expected) in [("/a/./b/../c", "/a/c"), ("/a/b/", "/a/b"), ("/..", "/..")] {
            assert_eq!(clean(Path::new(path)), Path::new(expected));
        }
    }
}
