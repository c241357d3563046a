//! Rust revisions on the command line: they are compiled into a program of their own, which takes the place of this one.
//!
//! The program is `migrate_runtime::command::main` over the package's table, and nothing else. Revisions of a library are
//! reached through the library. Those of a program are not to be reached from outside, so the package is mirrored: the same
//! files, with another `main`.

mod build;
mod manifest;
mod mirror;
mod place;

use std::ffi::OsString;
use std::process::Command;

use crate::dsn::Dsn;
use crate::invocation::Invocation;
use crate::project::CargoPackage;
use crate::report::{Failure, Kind};

pub(crate) use build::Build;

/// Set for the program, which then gives advice as `cargo migrate` does.
const STARTED_BY_CARGO: &str = "CARGO_MIGRATE";

/// Compiles the program and becomes it; `verb` is what it is asked for. Returns only when that fails.
pub(crate) fn hand_over(
    package: &CargoPackage,
    verb: Vec<OsString>,
    build: &Build,
    dsn: Option<&Dsn>,
    invocation: &Invocation,
) -> Result<(), Failure> {
    let place = place::find(package)?;
    let folder = mirror::write(package, &place, build)?;
    invocation
        .shell
        .status("Compiling", format_args!("the revisions of {}, some of which are Rust", package.package.name));
    let program = build::compile(&folder, package, build, invocation)?;
    let mut command = Command::new(&program);
    command.args(verb).args(manner_of_output(invocation)).env(STARTED_BY_CARGO, "1");
    if let Some(url) = dsn.and_then(|dsn| dsn.url.0.as_ref()) {
        // Not as an argument: everybody on the machine can read those.
        command.env("DATABASE_URL", url);
    }
    Err(become_it(command).in_file(program))
}

/// How this program was told to print.
fn manner_of_output(invocation: &Invocation) -> Vec<OsString> {
    let globals = &invocation.globals;
    let mut arguments: Vec<OsString> = vec!["--format".into(), globals.format.as_str().into()];
    arguments.extend(["--color".into(), globals.color.as_str().into()]);
    arguments.extend(globals.quiet.then(|| "--quiet".into()));
    arguments.extend((0..globals.verbose).map(|_| OsString::from("-v")));
    arguments
}

/// Signals reach the program itself, and its exit code is ours.
#[cfg(unix)]
fn become_it(mut command: Command) -> Failure {
    use std::os::unix::process::CommandExt as _;
    let error = command.exec();
    Failure::new(Kind::Io, format!("could not run the program with the revisions: {error}"))
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> Failure {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => Failure::new(Kind::Io, format!("could not run the program with the revisions: {error}")),
    }
}
