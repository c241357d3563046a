//! `cargo package`: what crates.io would get of a package with revisions compiles from that alone.

use std::time::Duration;

use migrate_tests::{Command, Database, Project, workspace};

/// Cargo unpacks each package and compiles it, with those before it from a registry of its own.
#[test]
fn a_package_with_revisions_is_verified_and_its_program_upgrades() {
    let project = Project::empty();
    let packages =
        ["migrate-derive", "migrate-runtime", "migrate-build", "rust-revision"].map(|name| ["--package", name]);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let command = project.run(Command::new(cargo).args(["package", "--offline", "--allow-dirty"])).folder(workspace());
    // As in the projects of other tests, so that the dependencies are compiled once for all.
    let command = command.args(packages.as_flattened()).env("CARGO_PROFILE_DEV_DEBUG", "false");
    let output = command.limit(Duration::from_secs(900)).run().success();
    assert!(output.stderr.contains("Verifying rust-revision v"), "{output}");

    let database = Database::new();
    let output = project.program("rust-revision").env("DATABASE_URL", database.url()).run().success().stdout;
    assert!(output.contains("database upgraded by 6 revisions to 20261020090000\n"), "{output}");
}
