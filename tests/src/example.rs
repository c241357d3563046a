//! The programs of the examples.

use crate::command::Command;
use crate::project::workspace;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

/// Those that need no more than a server. This package is compiled with them so that what they share with the tests is
/// compiled once: cargo enables the features that all the packages of a build ask for.
const PACKAGES: [&str; 6] =
    ["migrate-tests", "autogenerate", "axum-service", "composed", "rust-revision", "several-databases"];

/// The program of this example, as it is in the checkout now.
///
/// # Panics
///
/// Panics with what the compiler says when it cannot be compiled.
#[must_use]
pub fn example(name: &str) -> Command {
    static PROGRAMS: LazyLock<PathBuf> = LazyLock::new(compile);
    Command::new(PROGRAMS.join(name))
}

/// The package of this example. What cargo compiles there goes to the target folder of the tests.
#[must_use]
pub fn example_folder(name: &str) -> PathBuf {
    workspace().join("examples").join(name)
}

/// Compiles them, into the folder that the tests were compiled to.
fn compile() -> PathBuf {
    let program = env::current_exe().expect("a test program knows its path");
    // <target>/<profile>/deps/<program>
    let programs = program.ancestors().nth(2).expect("a test program lies in a target folder");
    let folder = programs.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let profile = if folder == "debug" { "dev" } else { folder };
    let target = programs.parent().map(Path::as_os_str).expect("a profile's folder lies in a target folder");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(cargo)
        .args(["build", "--locked", "--profile", profile])
        .args(PACKAGES.iter().flat_map(|package| ["--package", package]))
        .env("CARGO_TARGET_DIR", target)
        .folder(workspace())
        .limit(Duration::from_secs(900))
        .run()
        .success();
    programs.to_owned()
}
