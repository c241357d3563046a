//! Compiling a folder from a build script, with settings that are seldom needed.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::crates::Crates;
use crate::includes::Includes;
use crate::problem::{Problem, slashed};
use crate::{History, Result, emit};

/// How to compile a folder; [`compile`](crate::compile) uses the defaults.
#[derive(Clone, Debug, Default)]
pub struct Config {
    manifest_dir: Option<PathBuf>,
    out_dir: Option<PathBuf>,
    database: Option<String>,
    /// The paths of modules with tables that are included.
    crates: Vec<String>,
}

impl Config {
    /// What cargo tells a build script.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the database, where a package has several: the table is included with `include_migrations!("users")`, and the
    /// command line finds the folder in `[package.metadata.migrate.users]`. The rows in the version table are then keyed by
    /// the package and this name.
    ///
    /// ```no_run
    /// // build.rs
    /// fn main() -> migrate_build::Result {
    ///     migrate_build::Config::new().database("users").compile("migrations/users")?;
    ///     migrate_build::Config::new().database("billing").compile("migrations/billing")
    /// }
    /// ```
    #[must_use]
    pub fn database(mut self, name: impl Into<String>) -> Self {
        self.database = Some(name.into());
        self
    }

    /// Includes the revisions of a library that ships its own, from its module `migrations` or from the one that is named, as
    /// in `auth::schema::migrations`. They keep the key of their package in the version table, their base and their heads;
    /// those that a new version of the library brings are pending. A revision that needs one of them says so in its header:
    /// `depends-on: auth::20260801090000`, which the compiler checks.
    ///
    /// The library is one of `[dependencies]`; `cargo migrate` reads this call in build.rs, so its argument is a literal.
    ///
    /// ```no_run
    /// // build.rs
    /// fn main() -> migrate_build::Result {
    ///     migrate_build::Config::new().include_crate("auth").compile("migrations")
    /// }
    /// ```
    #[must_use]
    pub fn include_crate(mut self, module: impl Into<String>) -> Self {
        self.crates.push(module.into());
        self
    }

    /// Sets the folder that the migrations folder is relative to, instead of `CARGO_MANIFEST_DIR`.
    #[must_use]
    pub fn manifest_dir(mut self, manifest_dir: impl Into<PathBuf>) -> Self {
        self.manifest_dir = Some(manifest_dir.into());
        self
    }

    /// Sets the folder that `migrations.rs` is written to, instead of `OUT_DIR`.
    #[must_use]
    pub fn out_dir(mut self, out_dir: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(out_dir.into());
        self
    }

    /// Checks the revisions in `dir` and writes `migrations.rs`, or `migrations-NAME.rs` for a database with a name.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the revisions.
    pub fn compile(&self, dir: impl AsRef<Path>) -> Result {
        let dir = dir.as_ref();
        let manifest_dir = path_or(self.manifest_dir.as_ref(), "CARGO_MANIFEST_DIR")?;
        let path = std::path::absolute(manifest_dir.join(dir))
            .map_err(|error| Problem::new(dir, format!("cannot be made absolute: {error}")))?;
        // First, so that a corrected file makes cargo run a script again that failed. It covers what is below the folder.
        directive(&format!("rerun-if-changed={}", path.display()));
        let out_dir = path_or(self.out_dir.as_ref(), "OUT_DIR")?;
        // The command line finds a package's rows by this name too.
        let package = env::var("CARGO_PKG_NAME").map_err(|_| unset("CARGO_PKG_NAME"))?;
        let includes = Includes::of(&self.crates)?;
        let history = History::read(&path, dir, &Crates::named(includes.names()))?;
        let (key, file) = match &self.database {
            None => (package, "migrations.rs".to_owned()),
            Some(name) => (key(&package, name)?, format!("migrations-{name}.rs")),
        };
        let text = emit::generate(history.revisions(), &key, &slashed(dir), &includes)?;
        write_if_changed(&out_dir.join(file), &text)
    }
}

/// What keys the rows of a package that has several databases: two of them may be one.
fn key(package: &str, name: &str) -> Result<String, Problem> {
    if is_database_name(name) {
        return Ok(format!("{package}/{name}"));
    }
    Err(Problem::new("build.rs", format!("`{name}` cannot be the name of a database"))
        .help("use lowercase letters, digits, `-` and `_`"))
}

/// Whether a database of a package may be called so.
#[must_use]
pub fn is_database_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    !name.is_empty() && name.chars().all(fits)
}

fn path_or(path: Option<&PathBuf>, variable: &str) -> Result<PathBuf> {
    match path {
        Some(path) => Ok(path.clone()),
        None => Ok(env::var_os(variable).map(PathBuf::from).ok_or_else(|| unset(variable))?),
    }
}

fn unset(variable: &str) -> Problem {
    Problem::new("build.rs", format!("the environment has no `{variable}`"))
        .help("call `migrate_build::compile` from a build script that cargo runs")
}

#[expect(clippy::print_stdout, reason = "this is how a build script talks to cargo")]
fn directive(directive: &str) {
    println!("cargo::{directive}");
}

/// Leaves a file alone that has this text already, so that nothing is compiled again for it.
fn write_if_changed(path: &Path, text: &str) -> Result {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    Ok(fs::write(path, text).map_err(|error| Problem::new(path, format!("cannot be written: {error}")))?)
}
