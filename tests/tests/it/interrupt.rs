//! Signals during a run: what the exit code promises.

use migrate_tests::{Database, Output, Project, cargo_migrate};

const LOCKS: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
const SLEEPING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";

/// Upgrades a fresh database with this script as the second revision, and sends a signal while it sleeps.
fn interrupt(signal: &str, header: &str, script: &str) -> (Output, Database<'static>) {
    let (project, database) = (Project::empty(), Database::new());
    let first = "--! First.\n--!\n--! parent: base\n\nCREATE TABLE first ();\n";
    project.write("migrations/1_first/up.sql", first);
    project.write("migrations/2_second/up.sql", &format!("--! Second.\n--!\n--! parent: 1\n{header}\n{script}\n"));
    let command = project.run(cargo_migrate!()).args(["--dir", "migrations", "upgrade"]);
    let running = command.env("DATABASE_URL", database.url()).spawn();
    while database.psql(SLEEPING) == "0\n" {
        std::thread::yield_now();
    }
    running.signal(signal);
    let output = running.wait();
    // At once, without waiting: whoever sees the exit code relies on it.
    assert_eq!(database.psql(SLEEPING), "0\n", "{output}");
    assert_eq!(database.psql(LOCKS), "0\n", "{output}");
    (output, database)
}

#[test]
fn ctrl_c_rolls_back_frees_the_lock_and_exits_with_130() {
    let (output, database) = interrupt("INT", "", "CREATE TABLE half ();\nSELECT pg_sleep(600);");
    insta::assert_snapshot!(output.exit(130), @"
    exit 130
    --- stdout
    --- stderr
       Upgrading 1 First. (1/2)
       Upgrading 2 Second. (2/2)
    error: interrupted: what was not committed is rolled back
    help: `cargo migrate status` shows where the database is
    ");
    let left = "SELECT to_regclass('half') IS NULL, string_agg(revision, ',') FROM migrate_revisions";
    assert_eq!(database.psql(left), "t|1\n");
}

#[test]
fn sigterm_does_the_same_and_exits_with_143() {
    let (output, database) = interrupt("TERM", "", "CREATE TABLE half ();\nSELECT pg_sleep(600);");
    output.exit(143);
    assert_eq!(database.psql("SELECT to_regclass('half') IS NULL"), "t\n");
}

#[test]
fn a_script_that_hides_its_session_is_found_all_the_same() {
    let (output, _) = interrupt("INT", "", "SET application_name = 'mine';\nSELECT pg_sleep(600);");
    output.exit(130);
}

#[test]
fn a_script_without_a_transaction_keeps_what_is_recorded() {
    let script = "CREATE TABLE half ();\nSELECT pg_sleep(600);";
    let (output, database) = interrupt("INT", "--! transaction: none\n", script);
    output.exit(130);
    let row = "SELECT statements_done, statements FROM migrate_revisions WHERE revision = '2'";
    assert_eq!(database.psql(row), "1|2\n");
    assert_eq!(database.psql("SELECT to_regclass('half')"), "half\n");
}

/// The server ends what a killed client has left behind: nothing commits behind the back of the next run.
#[test]
fn after_sigkill_the_next_run_begins_where_nothing_is_left() {
    let (project, database) = (Project::empty(), Database::new());
    let up =
        |sleep: u32| format!("--! Sleep.\n--!\n--! parent: base\n\nCREATE TABLE half ();\nSELECT pg_sleep({sleep});\n");
    project.write("migrations/1_first/up.sql", &up(600));
    let command =
        || project.run(cargo_migrate!()).args(["--dir", "migrations", "upgrade"]).env("DATABASE_URL", database.url());
    let running = command().spawn();
    while database.psql(SLEEPING) == "0\n" {
        std::thread::yield_now();
    }
    running.signal("KILL");
    let _ = running.wait().exit(137);
    database.end_orphans();
    project.write("migrations/1_first/up.sql", &up(0));
    command().run().success();
    assert_eq!(
        database.psql("SELECT to_regclass('half'), string_agg(revision, ',') FROM migrate_revisions"),
        "half|1\n"
    );
}
