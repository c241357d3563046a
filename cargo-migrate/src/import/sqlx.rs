//! Reads a folder of sqlx: `<version>_<description>.sql`, or `.up.sql` and `.down.sql`, in order of version.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use migrate_runtime::table::{Position, Transaction};

use crate::import::{Foreign, Script};
use crate::report::{Failure, Kind};

/// With these bytes at its very start sqlx runs a file outside of a transaction.
const NO_TRANSACTION: &str = "-- no-transaction";

/// What a folder holds.
#[derive(Debug)]
pub(crate) struct Found {
    /// The migrations, in order of version.
    pub(crate) history: Vec<Foreign>,
    /// What was passed over or changed, for a person to read.
    pub(crate) warnings: Vec<String>,
}

/// Which way a file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// What a file's name says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    /// By which sqlx sorts and tells apart.
    number: i64,
    /// As it is written.
    version: String,
    description: String,
    way: Way,
}

/// The files of one version.
#[derive(Default)]
struct Version {
    up: Option<(Name, PathBuf)>,
    down: Option<(Name, PathBuf)>,
}

/// Reads the folder; `dir` is also what messages show.
pub(crate) fn read(dir: &Path) -> Result<Found, Failure> {
    let mut found = Found { history: Vec::new(), warnings: Vec::new() };
    let mut refused = Vec::new();
    let mut versions: BTreeMap<i64, Version> = BTreeMap::new();
    for path in files(dir, &mut refused)? {
        let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match parse(&file_name) {
            Ok(name) => {
                let version = versions.entry(name.number).or_default();
                let (slot, way) = match name.way {
                    Way::Up => (&mut version.up, "upgrades"),
                    Way::Down => (&mut version.down, "downgrades"),
                };
                match slot {
                    Some((_, first)) => refused.push(
                        Failure::new(Kind::Usage, format!("two {way} of the version {}", name.number))
                            .in_file(&path)
                            .help(format!("the other one is `{}`; remove or renumber one of them", first.display())),
                    ),
                    None => *slot = Some((name, path)),
                }
            }
            Err(Some(reason)) => found.warnings.push(format!("passed over `{}`: {reason}", path.display())),
            Err(None) => {}
        }
    }
    for version in versions.into_values() {
        match (version.up, version.down) {
            (Some((name, up)), down) => {
                let down = down.map(|(_, path)| path);
                match foreign(name, &up, down.as_deref(), &mut found.warnings) {
                    Ok(foreign) => found.history.push(foreign),
                    Err(failure) => refused.push(failure),
                }
            }
            (None, Some((_, down))) => {
                found.warnings.push(format!("passed over `{}`: it has no upgrade of the same version", down.display()))
            }
            (None, None) => {}
        }
    }
    Failure::all(refused)?;
    if found.history.is_empty() {
        return Err(Failure::new(Kind::Usage, format!("`{}` has no sqlx migrations", dir.display()))
            .help("name the folder with files such as `20260131120000_create_users.sql`"));
    }
    Ok(found)
}

/// Whether the folder has a file that would be imported from it.
pub(crate) fn has_migrations(dir: &Path) -> bool {
    let is_migration = |entry: &DirEntry| {
        entry.file_type().is_ok_and(|kind| kind.is_file())
            && entry.file_name().to_str().is_some_and(|name| parse(name).is_ok())
    };
    fs::read_dir(dir).is_ok_and(|entries| entries.flatten().any(|entry| is_migration(&entry)))
}

/// The files in the folder itself, in order of name; links are refused, as what they lead to may change or go.
fn files(dir: &Path, refused: &mut Vec<Failure>) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Failure::new(Kind::Usage, format!("there is no folder `{}`", dir.display()))
            .help("name the folder with the other tool's files"),
        io::ErrorKind::NotADirectory => Failure::new(Kind::Usage, format!("`{}` is not a folder", dir.display()))
            .help("name the folder with the other tool's files"),
        _ => Failure::io("read", dir, &error),
    };
    let mut entries: Vec<DirEntry> =
        fs::read_dir(dir).map_err(unreadable)?.collect::<Result<_, _>>().map_err(unreadable)?;
    entries.sort_unstable_by_key(DirEntry::file_name);
    let mut files = Vec::new();
    for entry in entries {
        let kind = entry.file_type().map_err(unreadable)?;
        let path = entry.path();
        let is_sql = path.extension().is_some_and(|ending| ending == "sql");
        if kind.is_symlink() && is_sql {
            refused.push(
                Failure::new(Kind::Usage, "this is a link, not a file").in_file(path).help("put the file itself here"),
            );
        } else if kind.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

/// What a file name says, or why sqlx does not take it; nothing where nobody would expect that it does.
fn parse(file_name: &str) -> Result<Name, Option<&'static str>> {
    let Some(stem) = file_name.strip_suffix(".sql") else { return Err(None) };
    let Some((version, rest)) = stem.split_once('_') else {
        return Err(Some("its name is not `<version>_<description>.sql`"));
    };
    let number = version.parse().map_err(|_| Some("what is before the first `_` is not a version number"))?;
    if !version.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Some("a version with a sign cannot be the id of a revision"));
    }
    let (description, way) = match (rest.strip_suffix(".up"), rest.strip_suffix(".down")) {
        (Some(description), _) => (description, Way::Up),
        (None, Some(description)) => (description, Way::Down),
        (None, None) => (rest, Way::Up),
    };
    Ok(Name { number, version: version.to_owned(), description: description.to_owned(), way })
}

fn foreign(name: Name, up: &Path, down: Option<&Path>, warnings: &mut Vec<String>) -> Result<Foreign, Failure> {
    let up = script(up, warnings)?;
    let down = down.map(|down| script(down, warnings)).transpose()?;
    Ok(Foreign { version: name.version, description: name.description, up, down })
}

fn script(path: &Path, warnings: &mut Vec<String>) -> Result<Script, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::io("read", path, &error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        Failure::new(Kind::Usage, format!("the byte 0x{:02x} is not UTF-8", error.as_bytes()[valid]))
            .at(path, Position::of(&before, before.len()), None)
            .help("save the file as UTF-8")
    })?;
    // Before the mark is taken off: sqlx, which leaves it on, does not see the words behind it.
    let transaction = if text.starts_with(NO_TRANSACTION) { Transaction::None } else { Transaction::PerRevision };
    let text = match text.strip_prefix('\u{feff}') {
        Some(text) => {
            warnings.push(format!("left out the byte order mark of `{}`", path.display()));
            text.to_owned()
        }
        None => text,
    };
    Ok(Script { shown: path.to_owned(), text, transaction })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_sqlx_reads_them() {
        let name = |number, version: &str, description: &str, way| {
            Ok(Name { number, version: version.to_owned(), description: description.to_owned(), way })
        };
        for (file, expected) in [
            ("20211026134308_a_b.sql", name(20_211_026_134_308, "20211026134308", "a_b", Way::Up)),
            ("1_a.up.sql", name(1, "1", "a", Way::Up)),
            ("1_a.down.sql", name(1, "1", "a", Way::Down)),
            ("0001_a.sql", name(1, "0001", "a", Way::Up)),
            ("1_.sql", name(1, "1", "", Way::Up)),
            ("1_A b-c.sql", name(1, "1", "A b-c", Way::Up)),
            ("README.md", Err(None)),
            ("a.sql", Err(Some("its name is not `<version>_<description>.sql`"))),
            ("x_a.sql", Err(Some("what is before the first `_` is not a version number"))),
            ("99999999999999999999_a.sql", Err(Some("what is before the first `_` is not a version number"))),
            ("-1_a.sql", Err(Some("a version with a sign cannot be the id of a revision"))),
        ] {
            assert_eq!(parse(file), expected, "{file}");
        }
    }

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).expect("written");
        }
        folder
    }

    #[test]
    fn versions_sort_as_numbers_and_odd_files_are_named() {
        let folder = folder(&[
            ("10_c.sql", b"-- no-transaction\nSELECT 10"),
            ("2_b.up.sql", b"\xef\xbb\xbf-- no-transaction\nSELECT 2"),
            ("2_other.down.sql", b"SELECT -2"),
            ("0001_a.sql", b"SELECT 1"),
            ("7_lost.down.sql", b""),
            ("notes.sql", b""),
            ("README.md", b""),
        ]);
        let found = read(folder.path()).expect("read");
        let versions: Vec<_> = found.history.iter().map(|foreign| foreign.version.as_str()).collect();
        assert_eq!(versions, ["0001", "2", "10"]);
        assert_eq!(found.history[1].up.text, "-- no-transaction\nSELECT 2");
        assert_eq!(found.history[1].up.transaction, Transaction::PerRevision);
        assert_eq!(found.history[1].down.as_ref().map(|down| down.text.as_str()), Some("SELECT -2"));
        assert_eq!(found.history[2].up.transaction, Transaction::None);
        let said = found.warnings.join("\n").replace(&folder.path().display().to_string(), "D");
        assert_eq!(
            said,
            "passed over `D/notes.sql`: its name is not `<version>_<description>.sql`\n\
             left out the byte order mark of `D/2_b.up.sql`\n\
             passed over `D/7_lost.down.sql`: it has no upgrade of the same version"
        );
    }

    #[test]
    fn every_refusal_is_reported_at_once() {
        let folder = folder(&[("1_a.sql", b"a\n\xff"), ("2_a.up.sql", b""), ("2_b.sql", b""), ("02_a.down.sql", b"")]);
        #[cfg(unix)]
        std::os::unix::fs::symlink("1_a.sql", folder.path().join("3_link.sql")).expect("linked");
        let refusal = read(folder.path()).expect_err("refused").to_string();
        assert!(refusal.contains("1_a.sql:2:1: the byte 0xff is not UTF-8"), "{refusal}");
        assert!(refusal.contains("2_b.sql: two upgrades of the version 2"), "{refusal}");
        #[cfg(unix)]
        assert!(refusal.contains("3_link.sql: this is a link"), "{refusal}");
    }

    #[test]
    fn a_folder_without_migrations_is_refused() {
        let folder = folder(&[("README.md", b"")]);
        for (path, expected) in [
            (folder.path().to_owned(), "has no sqlx migrations"),
            (folder.path().join("none"), "there is no folder"),
            (folder.path().join("README.md"), "is not a folder"),
        ] {
            let refusal = read(&path).expect_err("refused").to_string();
            assert!(refusal.contains(expected), "{refusal}");
        }
    }
}
