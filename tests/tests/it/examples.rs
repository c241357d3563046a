//! The examples: their programs, run as their documentation says.

mod autogenerate;
mod axum_service;
mod composed;
mod http;
mod packaged;
mod rust_revision;
mod several_databases;

use std::env;
use std::time::Duration;

use migrate_tests::{Command, cargo_migrate, example_folder};

/// `cargo migrate`, typed in the folder of an example. What it compiles lies beside what the tests were compiled to.
fn cargo_migrate_in(example: &str, words: &str) -> Command {
    let program = env::current_exe().expect("a test program knows its path");
    // <target>/<profile>/deps/<program>
    let target = program.ancestors().nth(3).expect("a test program lies in a target folder");
    let command = cargo_migrate!().args(words.split_whitespace()).folder(example_folder(example));
    command.env("CARGO_TARGET_DIR", target).limit(Duration::from_secs(900))
}
