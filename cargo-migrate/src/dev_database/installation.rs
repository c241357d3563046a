//! A PostgreSQL that is installed on this machine: where its server programs are, and of which major version.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The environment variable that names the folder of the server programs.
const VARIABLE: &str = "MIGRATE_PG_BIN";

/// What a server needs.
const PROGRAMS: [&str; 3] = ["initdb", "postgres", "pg_ctl"];

/// Where installers keep one folder for each major version; what stands for the version is `*`.
const VERSIONED: [&str; 6] = [
    // Debian, and those that follow it.
    "/usr/lib/postgresql/*/bin",
    // The packages of postgresql.org for Red Hat's systems.
    "/usr/pgsql-*/bin",
    // Homebrew, on either kind of Mac, and on Linux.
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// Other folders that need not be on the PATH.
const OTHERS: [&str; 4] = ["/opt/homebrew/bin", "/usr/local/bin", "/usr/local/pgsql/bin", "/usr/bin"];

/// The server programs of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Installation {
    /// Where they are.
    pub(super) folder: PathBuf,
    /// Their major version.
    pub(super) major: u32,
}

impl Installation {
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// The installation of this major version, else the newest one.
pub(super) fn find(wanted: Option<u32>) -> Result<Installation, String> {
    if let Some(folder) = env::var_os(VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from) {
        let missing = PROGRAMS.iter().find(|program| !folder.join(program).is_file());
        if let Some(missing) = missing {
            return Err(format!("`{VARIABLE}` names {}, which has no `{missing}`", folder.display()));
        }
        return of(&folder)
            .ok_or_else(|| format!("`{} --version` is not understood", folder.join("postgres").display()));
    }
    let found: Vec<Installation> = folders().iter().filter_map(|folder| of(folder)).collect();
    choose(found, wanted).ok_or_else(|| {
        format!(
            "no `initdb` on the PATH or in {} (the variable {VARIABLE} can name its folder)",
            VERSIONED[..3].join(", ")
        )
    })
}

fn choose(found: Vec<Installation>, wanted: Option<u32>) -> Option<Installation> {
    found.into_iter().max_by_key(|installation| (Some(installation.major) == wanted, installation.major))
}

/// Folders with the server programs, each once.
fn folders() -> BTreeSet<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let versioned = VERSIONED.iter().flat_map(|pattern| versions_of(pattern));
    let all = env::split_paths(&path).chain(versioned).chain(OTHERS.map(PathBuf::from));
    let complete = all.filter(|folder| PROGRAMS.iter().all(|program| folder.join(program).is_file()));
    complete.map(|folder| fs::canonicalize(&folder).unwrap_or(folder)).collect()
}

fn versions_of(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else { return Vec::new() };
    let (root, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.starts_with(prefix)).map(|name| PathBuf::from(format!("{root}/{name}{after}"))).collect()
}

/// The server programs in a folder.
pub(super) fn of(folder: &Path) -> Option<Installation> {
    let output = Command::new(folder.join("postgres")).arg("--version").stdin(Stdio::null()).output().ok()?;
    let major = major(&String::from_utf8_lossy(&output.stdout))?;
    Some(Installation { folder: folder.to_owned(), major })
}

/// The number in `postgres (PostgreSQL) 17.2`, or in `postgres (PostgreSQL) 18beta1`.
fn major(version: &str) -> Option<u32> {
    let (_, number) = version.split_once("(PostgreSQL) ")?;
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Installation, choose, major, versions_of};

    #[test]
    fn a_version_is_read_as_postgres_prints_it() {
        assert_eq!(major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("mysqld 8"), None);
    }

    #[test]
    fn the_wanted_version_is_chosen_and_else_the_newest() {
        let of = |major: u32| Installation { folder: format!("/{major}").into(), major };
        let found = || vec![of(15), of(17), of(13)];
        assert_eq!(choose(found(), Some(13)), Some(of(13)));
        assert_eq!(choose(found(), Some(16)), Some(of(17)));
        assert_eq!(choose(found(), None), Some(of(17)));
        assert_eq!(choose(Vec::new(), None), None);
    }

    #[test]
    fn a_pattern_finds_what_is_there() {
        let root = tempfile::tempdir().expect("a folder");
        for name in ["pgsql-15", "pgsql-17", "other"] {
            std::fs::create_dir(root.path().join(name)).expect(name);
        }
        let shown = root.path().display();
        let mut found = versions_of(&format!("{shown}/pgsql-*/bin"));
        found.sort();
        assert_eq!(found, ["15", "17"].map(|version| root.path().join(format!("pgsql-{version}/bin"))));
    }
}
