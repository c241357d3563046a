//! The verbs that look at the revision graph.

mod drawing;
mod naming;
mod place;

use migrate_tests::{Command, Database, Output, Project, cargo_migrate};

fn command(project: &Project, words: &str) -> Command {
    project.run(cargo_migrate!()).args(["--dir", "migrations"]).args(words.split_whitespace())
}

fn typed(project: &Project, words: &str) -> Output {
    command(project, words).run()
}

fn on(project: &Project, database: &Database<'_>, words: &str) -> Output {
    command(project, words).env("DATABASE_URL", database.url()).run()
}

/// A line, a fork, a merge and what follows it.
const DIAMOND: &str = "
    aaaa1:
    bbbb1: aaaa1
    cccc1: bbbb1
    cccc2: bbbb1 @second
    dddd1: cccc1
    dddd2: cccc2
    eeee1: dddd1 dddd2
    ffff1: eeee1";

/// Two histories in one folder, of which one depends on the other.
const TWO_BASES: &str = "
    acca1: @accounts
    acca2: acca1
    neta1: @networking
    neta2: neta1 >acca2";
