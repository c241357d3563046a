//! Reads a migrations folder: which revision folders there are and the text of their files.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use migrate_runtime::table::Position;

use crate::name::{FolderName, id_fault};
use crate::problem::Problem;

/// The kind of `GraphError::IllegalId`: such an id does not get as far as a graph.
const ILLEGAL_ID: &str = "illegal_id";

/// What a migrations folder holds, as far as it can be read.
pub(crate) struct Source {
    /// In order of name.
    pub(crate) folders: Vec<Folder>,
    /// Ids of folders that could not be read, so that revisions which name them are not blamed too.
    pub(crate) lost_ids: Vec<String>,
}

/// A revision's folder.
pub(crate) struct Folder {
    pub(crate) name: FolderName,
    pub(crate) path: PathBuf,
    pub(crate) shown: PathBuf,
    pub(crate) up: Found,
    pub(crate) down: Found,
    pub(crate) rust: Found,
}

/// One of the files that a revision may have.
pub(crate) enum Found {
    Absent,
    /// It is there, but cannot be read, which is a problem of its own.
    Unreadable,
    File(Text),
}

impl Found {
    pub(crate) fn is_there(&self) -> bool {
        !matches!(self, Self::Absent)
    }
}

/// A file and its text: without a byte order mark, and with `\n` for `\r\n`.
pub(crate) struct Text {
    pub(crate) path: PathBuf,
    pub(crate) shown: PathBuf,
    pub(crate) text: String,
}

/// Reads the folder `dir`, which is printed as `shown`.
pub(crate) fn read(dir: &Path, shown: &Path, problems: &mut Vec<Problem>) -> Source {
    let mut source = Source { folders: Vec::new(), lost_ids: Vec::new() };
    let root = match root(dir, shown) {
        Ok(root) => root,
        Err(problem) => {
            problems.push(problem);
            return source;
        }
    };
    for entry in entries(dir, shown, &root, problems) {
        if entry.is_file {
            if is_script(&entry.name) {
                let help = "each revision is a folder: move it to `<id>_<slug>/up.sql`, \
                            or bring in another tool's files with `cargo migrate import`";
                problems.push(Problem::new(entry.shown, "a script outside of a revision folder").help(help));
            }
            continue;
        }
        match FolderName::parse(&entry.name) {
            Ok(name) => source.folders.push(folder(name, entry, &root, problems)),
            Err(reason) => {
                let problem = Problem::new(entry.shown, format!("the folder's name {reason}"))
                    .help("rename it to `<id>_<slug>`, or make revisions with `cargo migrate new`");
                let id = entry.name.split_once('_').map(|(id, _)| id.to_owned());
                let is_illegal = id.as_deref().is_some_and(|id| id_fault(id).is_some());
                problems.push(if is_illegal { problem.kind(ILLEGAL_ID) } else { problem });
                source.lost_ids.extend(id);
            }
        }
    }
    source
}

/// Where the folder really is, links followed.
fn root(dir: &Path, shown: &Path) -> Result<PathBuf, Problem> {
    let metadata = fs::metadata(dir).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Problem::new(shown, "there is no such folder").help("run `cargo migrate init`"),
        _ => unreadable(shown, &error),
    })?;
    if !metadata.is_dir() {
        return Err(Problem::new(shown, "this is a file and not a folder of revisions")
            .help("move it away and run `cargo migrate init`"));
    }
    dir.canonicalize().map_err(|error| unreadable(shown, &error))
}

/// Something in a folder that is neither hidden nor documentation.
struct Entry {
    name: String,
    path: PathBuf,
    shown: PathBuf,
    /// A file, or at least no folder.
    is_file: bool,
}

/// What is in a folder, in order of name.
fn entries(dir: &Path, shown: &Path, root: &Path, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let listed = fs::read_dir(dir).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| (entry.file_name(), entry.path()))).collect::<io::Result<Vec<_>>>()
    });
    let mut listed = match listed {
        Ok(listed) => listed,
        Err(error) => {
            problems.push(unreadable(shown, &error));
            return Vec::new();
        }
    };
    listed.sort_unstable();
    let mut entries = Vec::new();
    for (name, path) in listed {
        if is_ignored(&name) {
            continue;
        }
        let shown = shown.join(&name);
        match (name.into_string(), is_file(&path, root)) {
            (Ok(name), Ok(is_file)) => entries.push(Entry { name, path, shown, is_file }),
            (Ok(_), Err((message, help))) => problems.push(Problem::new(shown, message).help(help)),
            (Err(_), _) => problems.push(Problem::new(shown, "the name is not UTF-8").help("rename it")),
        }
    }
    entries
}

/// Whether this is a file, after following a link that must not lead out of `root`.
fn is_file(path: &Path, root: &Path) -> Result<bool, (String, &'static str)> {
    let unreadable = |error: io::Error| (format!("cannot be read: {error}"), "correct or delete it");
    if path.symlink_metadata().map_err(unreadable)?.is_symlink() {
        let real = path
            .canonicalize()
            .map_err(|error| (format!("a link that leads nowhere: {error}"), "correct or delete the link"))?;
        if !real.starts_with(root) {
            return Err((
                "a link that leads out of the migrations folder".to_owned(),
                "put the files themselves into the folder, so that every checkout has them",
            ));
        }
    }
    Ok(!path.metadata().map_err(unreadable)?.is_dir())
}

fn folder(name: FolderName, entry: Entry, root: &Path, problems: &mut Vec<Problem>) -> Folder {
    let mut folder = Folder {
        name,
        up: Found::Absent,
        down: Found::Absent,
        rust: Found::Absent,
        path: entry.path,
        shown: entry.shown,
    };
    let before = problems.len();
    for file in entries(&folder.path, &folder.shown, root, problems) {
        let slot = match file.name.as_str() {
            "up.sql" => &mut folder.up,
            "down.sql" => &mut folder.down,
            "migration.rs" => &mut folder.rust,
            name => {
                if file.is_file && is_script(name) {
                    problems.push(stray(name, &file.shown));
                }
                continue;
            }
        };
        *slot = match text(file) {
            Ok(text) => Found::File(text),
            Err(problem) => {
                problems.push(problem);
                Found::Unreadable
            }
        };
    }
    // A broken link is not among the entries; neither is it to be called missing.
    for (file, slot) in [("up.sql", &mut folder.up), ("down.sql", &mut folder.down), ("migration.rs", &mut folder.rust)]
    {
        let shown = folder.shown.join(file);
        if !slot.is_there()
            && problems[before..].iter().any(|problem| problem.path == shown || problem.path == folder.shown)
        {
            *slot = Found::Unreadable;
        }
    }
    folder
}

fn stray(name: &str, shown: &Path) -> Problem {
    let lower = name.to_ascii_lowercase();
    let meant = if lower.ends_with(".rs") {
        "migration.rs"
    } else if lower.contains("down") || lower.contains("revert") || lower.contains("undo") {
        "down.sql"
    } else {
        "up.sql"
    };
    Problem::new(shown, format!("a revision has no file `{name}`")).help(format!("did you mean `{meant}`?"))
}

fn text(file: Entry) -> Result<Text, Problem> {
    let Entry { path, shown, is_file, .. } = file;
    if !is_file {
        return Err(Problem::new(shown, "a folder where a file should be").help("rename or delete it"));
    }
    if !path.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err(Problem::new(shown, "not a regular file").help("replace it by a file"));
    }
    let bytes = fs::read(&path).map_err(|error| unreadable(&shown, &error))?;
    match decode(bytes) {
        Ok(text) => Ok(Text { path, shown, text }),
        Err((position, message)) => Err(Problem::new(shown, message).at(position).help("save the file as UTF-8 text")),
    }
}

/// The text of a file without a byte order mark and with `\n` for `\r\n`; or where it is no text, and why.
fn decode(bytes: Vec<u8>) -> Result<String, (Position, String)> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = without_mark(&String::from_utf8_lossy(&error.as_bytes()[..valid])).to_owned();
        (Position::of(&before, before.len()), format!("the byte 0x{:02x} is not UTF-8", error.as_bytes()[valid]))
    })?;
    let text = without_mark(&text);
    if let Some(nul) = text.find('\0') {
        return Err((Position::of(text, nul), "a NUL byte, which Postgres does not take".to_owned()));
    }
    Ok(text.replace("\r\n", "\n"))
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn unreadable(shown: &Path, error: &io::Error) -> Problem {
    Problem::new(shown, format!("cannot be read: {error}")).help("check who owns it and who may read it")
}

/// Hidden files and documentation, which people keep beside revisions.
fn is_ignored(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let upper = name.to_ascii_uppercase();
    name.starts_with('.') || upper.starts_with("README") || upper.ends_with(".MD")
}

fn is_script(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("sql") || ending.eq_ignore_ascii_case("rs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_normalised() {
        for (bytes, expected) in [
            ("a\r\nb\r\n", "a\nb\n"),
            ("\u{feff}a\r\n", "a\n"),
            ("a\rb\r\r\n", "a\rb\r\n"),
            ("\u{feff}\u{feff}a", "\u{feff}a"),
            ("", ""),
        ] {
            assert_eq!(decode(bytes.as_bytes().to_vec()).unwrap(), expected);
        }
    }

    #[test]
    fn bytes_that_are_no_text_have_a_place() {
        let (position, message) = decode(b"\xef\xbb\xbfa\r\n\xc3\xa9b\xff".to_vec()).unwrap_err();
        assert_eq!((position.line, position.column, message.as_str()), (2, 3, "the byte 0xff is not UTF-8"));
        let (position, _) = decode(b"a\n\xc3\xa9\0".to_vec()).unwrap_err();
        assert_eq!((position.line, position.column), (2, 2));
    }

    #[test]
    fn what_is_kept_beside_revisions() {
        for name in [".gitkeep", ".DS_Store", "README", "readme.txt", "notes.md", "NOTES.MD"] {
            assert!(is_ignored(OsStr::new(name)), "{name}");
        }
        assert!(!is_ignored(OsStr::new("up.sql")));
    }
}
