//! The command line, built with the tests: a test binary then always runs the one of the same build.

use std::process::ExitCode;

fn main() -> ExitCode {
    cargo_migrate::main()
}
