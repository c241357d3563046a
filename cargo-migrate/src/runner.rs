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
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::dsn::Dsn;
use crate::interrupt;
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
    let program = compile(package, build, invocation)?;
    let command = command(&program, &verb, dsn, invocation);
    let failed = |error| {
        Failure::new(Kind::Io, format!("could not run the program with the revisions: {error}")).in_file(&program)
    };
    // Where others come after it, it is one of several.
    if invocation.globals.all { wait_for(command) } else { become_it(command) }.map_err(failed)?
}

/// Compiles the program, and returns where it is.
pub(crate) fn compile(package: &CargoPackage, build: &Build, invocation: &Invocation) -> Result<PathBuf, Failure> {
    let place = place::find(package)?;
    let mirror = mirror::write(package, &place, build)?;
    invocation
        .shell
        .status("Compiling", format_args!("the revisions of {}, some of which are Rust", package.package.name));
    build::compile(&mirror, package, place.in_library, build, invocation)
}

/// The program, asked for a verb.
pub(crate) fn command(program: &Path, verb: &[OsString], dsn: Option<&Dsn>, invocation: &Invocation) -> Command {
    let mut command = Command::new(program);
    command.args(verb).args(manner_of_output(invocation)).env(STARTED_BY_CARGO, "1");
    if let Some(url) = dsn.and_then(|dsn| dsn.url.0.as_ref()) {
        // Not as an argument: everybody on the machine can read those.
        command.env("DATABASE_URL", url);
    }
    command
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
fn become_it(mut command: Command) -> io::Result<Result<(), Failure>> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec())
}

#[cfg(not(unix))]
fn become_it(command: Command) -> io::Result<Result<(), Failure>> {
    wait_for(command)
}

/// Runs the program to its end, whatever signal it ends with.
fn wait_for(command: Command) -> io::Result<Result<(), Failure>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let status = runtime.block_on(async {
        let mut child = tokio::process::Command::from(command).spawn()?;
        loop {
            tokio::select! {
                status = child.wait() => return status,
                // Ctrl-C reaches everything on the terminal; what is sent to us alone is passed on.
                signal = interrupt::signalled() => pass_on(signal?, child.id()),
            }
        }
    })?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(if code == 0 { Ok(()) } else { Err(Failure::new(Kind::Told(code), "the program has told how it ended")) })
}

#[cfg(unix)]
fn pass_on(signal: u8, pid: Option<u32>) {
    if let Some(pid) = pid {
        // A program that has ended meanwhile needs no signal.
        let _ = Command::new("kill").arg(format!("-{signal}")).arg(pid.to_string()).status();
    }
}

#[cfg(not(unix))]
fn pass_on(_: u8, _: Option<u32>) {}
