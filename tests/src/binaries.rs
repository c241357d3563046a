//! Where the PostgreSQL programs are: the server's (`initdb`, `pg_ctl`) and the clients' (`psql`, `pg_dump`).

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The environment variable that names the folder of the server programs.
const VARIABLE: &str = "MIGRATE_TEST_PG_BIN";

/// Folders with PostgreSQL programs, the preferred one first.
#[derive(Clone, Debug)]
pub(crate) struct Binaries {
    folders: Vec<PathBuf>,
}

impl Binaries {
    /// The programs of this machine.
    pub(crate) fn installed() -> &'static Self {
        static INSTALLED: LazyLock<Binaries> = LazyLock::new(|| Binaries { folders: folders() });
        &INSTALLED
    }

    /// The program of this name.
    ///
    /// # Panics
    ///
    /// Panics with what to install when there is none.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folders
            .iter()
            .map(|folder| folder.join(name))
            .find(|program| program.is_file())
            .unwrap_or_else(|| panic!("{}", missing(name)))
    }
}

fn folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::var_os(VARIABLE).map(PathBuf::from).into_iter().collect();
    folders.extend(debian(Path::new("/usr/lib/postgresql")));
    folders.extend(env::split_paths(&path));
    // Where Debian has PgBouncer, and a user's PATH may not look.
    folders.push("/usr/sbin".into());
    folders
}

/// Debian keeps the server programs out of `PATH`, one folder for each major version; newest first.
fn debian(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let mut majors: Vec<u32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    majors.sort_unstable_by(|a, b| b.cmp(a));
    majors.iter().map(|major| root.join(major.to_string()).join("bin")).collect()
}

fn missing(name: &str) -> String {
    if name == "pgbouncer" {
        return "no PgBouncer here\nhelp: install it: sudo apt-get install pgbouncer".to_owned();
    }
    format!(
        "no PostgreSQL here: `{name}` was not found\n\
         help: install a server (13 or newer):\n  \
           Debian, Ubuntu   sudo apt-get install postgresql\n  \
           macOS            brew install postgresql@17\n  \
           Fedora           sudo dnf install postgresql-server postgresql\n\
         or name the folder of its programs in {VARIABLE},\n\
         or a server to make test databases on in MIGRATE_TEST_URL (psql and pg_dump are needed all the same)"
    )
}

#[cfg(test)]
mod tests {
    use super::{Binaries, debian};
    use std::fs;

    #[test]
    fn the_newest_major_comes_first_and_other_folders_are_passed_over() {
        let root = tempfile::tempdir().unwrap();
        for major in ["9", "15", "13", "common"] {
            fs::create_dir(root.path().join(major)).unwrap();
        }
        let found = debian(root.path());
        assert_eq!(found, ["15", "13", "9"].map(|major| root.path().join(major).join("bin")));
        assert!(debian(&root.path().join("absent")).is_empty());
    }

    #[test]
    #[should_panic(expected = "sudo apt-get install postgresql")]
    fn a_missing_program_says_what_to_install() {
        Binaries { folders: Vec::new() }.program("initdb");
    }
}
