//! A throw-away cargo project, as a user of the packages has it.

use crate::command::Command;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// A folder with a cargo project, removed at the end of the test.
///
/// Its manifest is what a user writes. That our packages come from the checkout, that nothing is downloaded, and that
/// the locked versions are those of the workspace is said in `.cargo/config.toml` and `Cargo.lock`.
#[derive(Debug)]
pub struct Project {
    folder: TempDir,
}

/// The dependencies of an application, with sqlx and tokio as the workspace has them locked.
const DEPENDENCIES: &str = r#"
[dependencies]
migrate-runtime = "0.1.0"
sqlx = { version = "0.9", default-features = false, features = ["postgres", "runtime-tokio"] }
tokio = { version = "1", features = ["full"] }

[build-dependencies]
migrate-build = "0.1.0"
"#;

const BUILD_SCRIPT: &str = "fn main() -> migrate_build::Result {\n    migrate_build::compile(\"migrations\")\n}\n";
const MODULE: &str = "pub mod migrations {\n    migrate_runtime::include_migrations!();\n}\n";

/// The workspace that is under test.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a folder of the workspace")
}

impl Project {
    /// A folder without any project in it.
    #[must_use]
    pub fn empty() -> Self {
        let folder = tempfile::Builder::new().prefix("migrate-project-").tempdir();
        let project = Self { folder: folder.unwrap_or_else(|error| panic!("{}: {error}", env::temp_dir().display())) };
        project.write(".cargo/config.toml", &configuration());
        let lock = workspace().join("Cargo.lock");
        project.write(
            "Cargo.lock",
            &fs::read_to_string(&lock).unwrap_or_else(|error| panic!("{}: {error}", lock.display())),
        );
        project
    }

    /// A new library, as `cargo new --lib` leaves it. All projects share one target folder, so the name must be of
    /// this test alone.
    #[must_use]
    pub fn library(name: &str) -> Self {
        let project = Self::empty();
        project.add_package("", name);
        project.write("src/lib.rs", "//! A library.\n");
        project
    }

    /// A new program, as `cargo new` leaves it.
    #[must_use]
    pub fn binary(name: &str) -> Self {
        let project = Self::empty();
        project.add_package("", name);
        project.write("src/main.rs", "fn main() {\n    println!(\"Hello, world!\");\n}\n");
        project
    }

    /// A workspace without a package of its own, with these libraries as its members.
    #[must_use]
    pub fn workspace_of(members: &[&str]) -> Self {
        let project = Self::empty();
        project.write("Cargo.toml", &format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n"));
        for member in members {
            project.write(&format!("{member}/Cargo.toml"), &package(member));
            project.write(&format!("{member}/src/lib.rs"), "//! A member.\n");
        }
        project
    }

    /// A program that has been through `cargo migrate init`, with an empty folder of migrations and this `main.rs`
    /// below the module `migrations`.
    #[must_use]
    pub fn application(name: &str, main: &str) -> Self {
        let project = Self::empty();
        project.add_package(DEPENDENCIES, name);
        project.write("build.rs", BUILD_SCRIPT);
        project.write("src/main.rs", &format!("{MODULE}\n{main}"));
        project.make_folder("migrations");
        project
    }

    fn add_package(&self, more: &str, name: &str) {
        // Its own workspace: the temporary folder may lie inside somebody else's.
        self.write("Cargo.toml", &format!("{}{more}\n[workspace]\n", package(name)));
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The path of something in the folder.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder().join(path)
    }

    /// Writes a file, and the folders on the way to it.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Makes a folder.
    pub fn make_folder(&self, path: &str) {
        let path = self.path(path);
        fs::create_dir_all(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Reads a file.
    #[must_use]
    pub fn read(&self, path: &str) -> String {
        let path = self.path(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Removes a file or a folder with all that is in it.
    pub fn remove(&self, path: &str) {
        let path = self.path(path);
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Every file and its text, in the order of their paths, without those this support library wrote for cargo:
    /// equal values are equal projects.
    #[must_use]
    pub fn files(&self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder().to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
            for entry in entries {
                let path = entry.unwrap_or_else(|error| panic!("{}: {error}", folder.display())).path();
                let name =
                    path.strip_prefix(self.folder()).expect("an entry is below its folder").display().to_string();
                if name == ".cargo" || name == "Cargo.lock" {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                    files.push((name, String::from_utf8_lossy(&bytes).into_owned()));
                }
            }
        }
        files.sort();
        files
    }

    /// The command, in this folder, with the shared target folder.
    #[must_use]
    pub fn run(&self, command: Command) -> Command {
        command.folder(self.folder()).env("CARGO_TARGET_DIR", target_folder())
    }

    /// Cargo, in this folder. Allows for compiling all dependencies, and for waiting until other tests have compiled.
    #[must_use]
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        self.run(Command::new(cargo).args(arguments)).limit(Duration::from_secs(900))
    }

    /// The program of this name, after a `cargo build`.
    #[must_use]
    pub fn program(&self, name: &str) -> Command {
        self.run(Command::new(target_folder().join("debug").join(name)))
    }
}

fn package(name: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
}

fn configuration() -> String {
    let package = |name| format!("{name} = {{ path = '{}' }}\n", workspace().join(name).display());
    let packages = ["migrate-build", "migrate-runtime"].map(package).concat();
    format!("[net]\noffline = true\n\n[profile.dev]\ndebug = false\n\n[patch.crates-io]\n{packages}")
}

/// One target folder for all projects, beside that of the test program: the dependencies are compiled once.
fn target_folder() -> PathBuf {
    let program = env::current_exe().expect("a test program knows its path");
    // <target>/<profile>/deps/<program>
    program.ancestors().nth(3).expect("a test program lies in a target folder").join("throwaway")
}
