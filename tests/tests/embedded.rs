//! The PostgreSQL inside the command line, on a machine that has no other.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use migrate_tests::{Command, Project, cargo_migrate};

/// The first server on a machine is unpacked, and a debug build of it is slow.
const LIMIT: Duration = Duration::from_secs(300);

/// A command line for which nothing is installed.
fn command(project: &Project, words: &[&str]) -> Command {
    project.make_folder("tmp");
    let command = project.run(cargo_migrate!()).args(words).limit(LIMIT);
    command.env("MIGRATE_PG_BIN", project.folder()).env("TMPDIR", project.path("tmp"))
}

fn left(project: &Project) -> Vec<PathBuf> {
    let entries = fs::read_dir(project.path("tmp")).expect("a folder of the test's own");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

const OLD: &str = "CREATE TABLE users (\n    id bigint\n);\n";
const NEW: &str = "CREATE TABLE users (id bigint, name text);
    CREATE FUNCTION n_users() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM users';
    CREATE VIEW named AS SELECT id FROM users WHERE name IS NOT NULL;
    ALTER TABLE users OWNER TO somebody;";

#[test]
fn a_schema_is_loaded_and_written() {
    let project = Project::empty();
    project.write("schema.sql", OLD);
    let output = command(&project, &["diff", "--from", "empty", "--to", "schema.sql"]).run().success();
    assert_eq!(output.stdout, OLD);
    assert!(output.stderr.contains("Loading schema.sql into the PostgreSQL 17 inside this program"), "{output}");
    assert_eq!(left(&project), Vec::<PathBuf>::new());
}

#[test]
fn two_schemas_are_compared_each_in_a_server_of_its_own() {
    let project = Project::empty();
    project.write("old.sql", OLD);
    project.write("new.sql", NEW);
    let output = command(&project, &["diff", "--from", "old.sql", "--to", "new.sql"]).run().success();
    for part in ["ADD COLUMN name text;", "CREATE FUNCTION n_users()", "CREATE VIEW named AS"] {
        assert!(output.stdout.contains(part), "{output}");
    }
    assert_eq!(command(&project, &["diff", "--from", "new.sql", "--to", "new.sql"]).run().success().stdout, "");
    assert_eq!(left(&project), Vec::<PathBuf>::new());
}

#[test]
fn revisions_are_replayed() {
    let project = Project::sketch("a:\nb: a");
    project.write("migrations/a_make_a/up.sql", "--! Make a.\n--!\n--! parent: base\n\nCREATE TABLE a (id int);\n");
    project.write("migrations/b_make_b/up.sql", "--! Make b.\n--!\n--! parent: a\n\nCREATE TABLE b (id int);\n");
    project.write("schema.sql", "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\n");
    let words = ["diff", "--dir", "migrations", "--from", "migrations", "--to", "schema.sql"];
    assert_eq!(command(&project, &words).run().success().stdout, "");
}

#[test]
fn a_failure_is_told_in_its_line_and_leaves_nothing() {
    let project = Project::empty();
    project.write("schema.sql", "CREATE TABLE users (id bigint);\nCREATE TABLE users (id bigint);\n");
    let output = command(&project, &["dump", "schema.sql"]).run().exit(1);
    assert!(output.stderr.contains("--> schema.sql:2:1"), "{output}");
    assert_eq!(left(&project), Vec::<PathBuf>::new());
}

/// A server that still works for a client that is gone ends with the program, and its files go all the same.
#[test]
fn nothing_is_left_after_a_signal() {
    let project = Project::empty();
    project.write("schema.sql", "SELECT count(*) FROM generate_series(1, 1000000000000);\n");
    // While it starts, and when it has.
    for ((signal, code), sign) in [(("INT", 130), "data"), (("INT", 130), ".s.PGSQL.5432"), (("KILL", 137), "data")] {
        let running = command(&project, &["dump", "schema.sql"]).spawn();
        while !left(&project).iter().any(|folder| folder.join(sign).exists()) {
            std::thread::yield_now();
        }
        running.signal(signal);
        let _ = running.wait().exit(code);
        // After SIGKILL another process removes them, and nobody waits for that.
        while signal == "KILL" && !left(&project).is_empty() {
            std::thread::yield_now();
        }
        assert_eq!(left(&project), Vec::<PathBuf>::new());
    }
}
