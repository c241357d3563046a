//! Reads a migrations folder: which revision folders there are and the text of their files.

mod text;

use std::ffi::OsStr;
use std::fs::{self, DirEntry, FileType};
use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

pub(crate) use self::text::Text;
use crate::header::Style;
use crate::name::{FolderName, id_fault};
use crate::problem::Problem;

/// So many folders take longer to read than a thread to start.
const WORTH_A_THREAD: usize = 200;

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

/// How much is read of the files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Every file as a whole.
    Whole,
    /// The header of each revision, and no `down.sql`.
    Headers,
}

/// Reads the folder `dir`, which is printed as `shown`.
pub(crate) fn read(dir: &Path, shown: &Path, extent: Extent, problems: &mut Vec<Problem>) -> Source {
    let mut source = Source { folders: Vec::new(), lost_ids: Vec::new() };
    let root = match root(dir, shown) {
        Ok(root) => root,
        Err(problem) => {
            problems.push(problem);
            return source;
        }
    };
    let mut named = Vec::new();
    for entry in entries(dir, shown, &root, problems) {
        if entry.kind != Kind::Folder {
            if is_script(&entry.name) {
                let help = "each revision is a folder: move it to `<id>_<slug>/up.sql`, \
                            or bring in another tool's files with `cargo migrate import`";
                problems.push(Problem::new(entry.shown, "a script outside of a revision folder").help(help));
            }
            continue;
        }
        match FolderName::parse(&entry.name) {
            Ok(name) => named.push((name, entry)),
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
    source.folders = folders(named, &root, extent, problems);
    source
}

/// Reads the folders of revisions, on as many threads as pay: what takes the time is the system, folder by folder.
fn folders(
    mut named: Vec<(FolderName, Entry)>,
    root: &Path,
    extent: Extent,
    problems: &mut Vec<Problem>,
) -> Vec<Folder> {
    let read = |named: Vec<(FolderName, Entry)>, problems: &mut Vec<Problem>| -> Vec<Folder> {
        named.into_iter().map(|(name, entry)| folder(name, entry, root, extent, problems)).collect()
    };
    if named.len() < WORTH_A_THREAD {
        return read(named, problems);
    }
    let second_half = named.split_off(named.len() / 2);
    thread::scope(|scope| {
        let second_half = scope.spawn(|| {
            let mut problems = Vec::new();
            (read(second_half, &mut problems), problems)
        });
        let mut folders = read(named, problems);
        let (mut others, mut their_problems) = second_half.join().unwrap_or_else(|panic| resume_unwind(panic));
        problems.append(&mut their_problems);
        folders.append(&mut others);
        folders
    })
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
    kind: Kind,
}

/// What something in a folder is, links followed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    Other,
}

impl Kind {
    fn of(file_type: FileType) -> Self {
        match file_type {
            of if of.is_file() => Self::File,
            of if of.is_dir() => Self::Folder,
            _ => Self::Other,
        }
    }
}

/// What is in a folder, in order of name.
fn entries(dir: &Path, shown: &Path, root: &Path, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let listed = fs::read_dir(dir).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| (entry.file_name(), entry))).collect::<io::Result<Vec<_>>>()
    });
    let mut listed = match listed {
        Ok(listed) => listed,
        Err(error) => {
            problems.push(unreadable(shown, &error));
            return Vec::new();
        }
    };
    listed.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    let mut entries = Vec::new();
    for (name, entry) in listed {
        if is_ignored(&name) {
            continue;
        }
        let (path, shown) = (entry.path(), shown.join(&name));
        match (name.into_string(), kind(&entry, &path, root)) {
            (Ok(name), Ok(kind)) => entries.push(Entry { name, path, shown, kind }),
            (Ok(_), Err((message, help))) => problems.push(Problem::new(shown, message).help(help)),
            (Err(_), _) => problems.push(Problem::new(shown, "the name is not UTF-8").help("rename it")),
        }
    }
    entries
}

/// What this is, after following a link that must not lead out of `root`.
fn kind(entry: &DirEntry, path: &Path, root: &Path) -> Result<Kind, (String, &'static str)> {
    let unreadable = |error: io::Error| (format!("cannot be read: {error}"), "correct or delete it");
    // Most systems say it with the name, so that nothing but links costs a look of its own.
    let file_type = entry.file_type().map_err(unreadable)?;
    if !file_type.is_symlink() {
        return Ok(Kind::of(file_type));
    }
    let real = path
        .canonicalize()
        .map_err(|error| (format!("a link that leads nowhere: {error}"), "correct or delete the link"))?;
    if !real.starts_with(root) {
        return Err((
            "a link that leads out of the migrations folder".to_owned(),
            "put the files themselves into the folder, so that every checkout has them",
        ));
    }
    path.metadata().map(|metadata| Kind::of(metadata.file_type())).map_err(unreadable)
}

fn folder(name: FolderName, entry: Entry, root: &Path, extent: Extent, problems: &mut Vec<Problem>) -> Folder {
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
        let (slot, style) = match file.name.as_str() {
            "up.sql" => (&mut folder.up, Some(Style::Sql)),
            "down.sql" => (&mut folder.down, None),
            "migration.rs" => (&mut folder.rust, Some(Style::Rust)),
            name => {
                if file.kind != Kind::Folder && is_script(name) {
                    problems.push(stray(name, &file.shown));
                }
                continue;
            }
        };
        let read = match extent {
            Extent::Whole => text::read(file, None),
            Extent::Headers if style.is_none() => continue,
            Extent::Headers => text::read(file, style),
        };
        *slot = match read {
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
    fn what_is_kept_beside_revisions() {
        for name in [".gitkeep", ".DS_Store", "README", "readme.txt", "notes.md", "NOTES.MD"] {
            assert!(is_ignored(OsStr::new(name)), "{name}");
        }
        assert!(!is_ignored(OsStr::new("up.sql")));
    }
}
