//! The binary as its own tool: the same verbs, output and exit codes as `cargo migrate`, without cargo and without files.

use migrate_tests::{Command, Database, Output};

/// An application with this history in it, in a folder where there is no project.
fn typed(history: &str, words: &str) -> Command {
    let command = Command::new(env!("CARGO_BIN_EXE_tool-under-test")).args(words.split_whitespace());
    command.env("HISTORY", history).folder(std::env::temp_dir())
}

fn on(database: &Database<'_>, words: &str) -> Output {
    typed("rust", words).env("DATABASE_URL", database.url()).run()
}

fn database() -> Database<'static> {
    let database = Database::new();
    let _ = database.ask(include_str!("../../data/faults/log.sql"));
    database
}

#[test]
fn an_application_upgrades_inspects_and_downgrades() {
    let database = database();
    insta::assert_snapshot!(on(&database, "db status --exit-code").exit(5), @"
    exit 5
    --- stdout
    pending: 7 of 7 revisions not applied
    database postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
      r1 Both branches begin here.  pending
      r2 The left branch, without a transaction.  pending
      r3 The right branch.  pending
      r4 The branches come together.  pending
      r5 By a function.  pending
      r6 By a function without a transaction.  pending
      r7 By a function in batches.  pending
    --- stderr
    note: `tool-under-test db upgrade` applies them
    error: 7 of 7 revisions not applied
    help: `tool-under-test db upgrade` applies them
    ");
    insta::assert_snapshot!(on(&database, "db upgrade --dry-run").exit(0), @"
    exit 0
    --- stdout
    up r1
    up r2
    up r3
    up r4
    up r5
    up r6
    up r7
    --- stderr
         Planned 7 steps, none taken
    ");
    // Rust revisions too: they are in the binary.
    insta::assert_snapshot!(on(&database, "db upgrade").exit(0), @"
    exit 0
    --- stdout
    --- stderr
       Upgrading r1 Both branches begin here. (1/7)
       Upgrading r2 The left branch, without a transaction. (2/7)
       Upgrading r3 The right branch. (3/7)
       Upgrading r4 The branches come together. (4/7)
       Upgrading r5 By a function. (5/7)
       Upgrading r6 By a function without a transaction. (6/7)
       Upgrading r7 By a function in batches. (7/7)
        Progress r7 0
        Progress r7 10
        Progress r7 20
        Finished upgraded by 7 revisions to r7 in [TIME]
    ");
    insta::assert_snapshot!(on(&database, "db current -v").exit(0), @"
    exit 0
    --- stdout
    Rev: r7 (head)
    Parent: r6
    Path: migrations/r7_in_batches
        By a function in batches.
    --- stderr
    ");
    insta::assert_snapshot!(on(&database, "db history -i").exit(0), @"
    exit 0
    --- stdout
    r6 -> r7 (head) (current), By a function in batches.
    r5 -> r6, By a function without a transaction.
    r4 -> r5, By a function.
    r2, r3 -> r4 (mergepoint), The branches come together.
    r1 -> r3, The right branch.
    r1 -> r2, The left branch, without a transaction.
    base -> r1 (branchpoint), Both branches begin here.
    --- stderr
    ");
    insta::assert_snapshot!(on(&database, "db downgrade r4").exit(0), @"
    exit 0
    --- stdout
    --- stderr
     Downgrading r7 By a function in batches. (1/3)
        Progress r7 0
        Progress r7 10
        Progress r7 20
     Downgrading r6 By a function without a transaction. (2/3)
     Downgrading r5 By a function. (3/3)
        Finished downgraded by 3 revisions to r4 in [TIME]
    ");
    insta::assert_snapshot!(on(&database, "db current --check-heads").exit(5), @"
    exit 5
    --- stdout
    r4, The branches come together.
    --- stderr
    error: the database is not at the heads: 3 of 7 revisions not applied
    help: `tool-under-test db status` says what to do about it
    ");
    insta::assert_snapshot!(on(&database, "db stamp heads").exit(0), @"
    exit 0
    --- stdout
    --- stderr
        Recorded r5
        Recorded r6
        Recorded r7
         Stamped at r7; nothing was run
    ");
    insta::assert_snapshot!(on(&database, "db switch").exit(0), @"
    exit 0
    --- stdout
    --- stderr
        Finished current at r7 in [TIME]
    ");
    let log = "SELECT string_agg(what, ', ' ORDER BY at) FROM log";
    assert_eq!(
        database.ask(log),
        "r1 up, r3 up, r4 up, r5 up, r7 up 1 to 10, r7 up 11 to 20, r7 down 1, r7 down 11, r5 down"
    );
}

#[test]
fn documents_are_those_of_cargo_migrate() {
    let database = database();
    let upgraded = on(&database, "db upgrade r1 --format json -q").success().stdout;
    let kinds: Vec<String> = upgraded
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["event"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["step_started", "step_finished", "finished"]);
    insta::assert_snapshot!(on(&database, "db status --format json").exit(0), @r#"
    exit 0
    --- stdout
    {"applied":["r1"],"database":"postgres://postgres@127.0.0.1:[PORT]/[DATABASE]","edited":[],"heads":["r1"],"lost":[],"message":"6 of 7 revisions not applied","partial":[],"pending":["r2","r3","r4","r5","r6","r7"],"state":"pending","unknown":[]}
    --- stderr
    "#);
    insta::assert_snapshot!(on(&database, "db upgrade nope --format json").exit(2), @r#"
    exit 2
    --- stdout
    {"error":{"kind":"unknown_revision","message":"no revision is called `nope`","help":"`tool-under-test db history` lists the revisions and their branches","file":null,"line":null,"column":null}}
    --- stderr
    "#);
}

#[test]
fn what_fails_is_shown_with_its_line_and_the_programs_own_verbs() {
    let database = Database::new();
    // The table that the scripts write into is not there.
    insta::assert_snapshot!(on(&database, "db upgrade").exit(1), @r#"
    exit 1
    --- stdout
    --- stderr
       Upgrading r1 Both branches begin here. (1/7)
    error: revision r1 failed: relation "log" does not exist (SQLSTATE 42P01)
     --> mixed/r1_base/up.sql:6:13
      |
    6 | INSERT INTO log (what) VALUES ('r1 up');
      |             ^^^
      |
      = note: the revision was rolled back: nothing of it is applied or recorded
    "#);
    insta::assert_snapshot!(on(&database, "db downgrade nope").exit(2), @"
    exit 2
    --- stdout
    --- stderr
    error: no revision is called `nope`
    help: `tool-under-test db history` lists the revisions and their branches
    ");
    insta::assert_snapshot!(on(&database, "db history a:b:c").exit(2), @"
    exit 2
    --- stdout
    --- stderr
    error: `a:b:c` is no range: it has the form FROM:TO, FROM: or :TO
    help: `a:b:c:` lists from there on, `:a:b:c` up to there; `cargo migrate show a:b:c` shows it alone
    ");
    let away = typed("rust", "db upgrade").env("DATABASE_URL", "postgres://me:hunter2@127.0.0.1:1/shop").run();
    insta::assert_snapshot!(away.exit(4), @"
    exit 4
    --- stdout
    --- stderr
    error: could not connect to postgres://me@127.0.0.1:[PORT]/shop: Connection refused (os error 111)
    help: is PostgreSQL running there? check the host and port in the database URL
    ");
}

#[test]
fn offline_mode_prints_what_only_the_binary_can_run() {
    let database = database();
    let sql = on(&database, "db upgrade --sql base:r4").success().stdout;
    database.psql(&sql);
    assert_eq!(on(&database, "db upgrade r4").success().stdout, "");
    insta::assert_snapshot!(on(&database, "db upgrade --sql r4:r5").exit(1), @"
    exit 1
    --- stdout
    --- stderr
    error: revision r5 failed at r5/migration.rs:67: it asks for the connection, and in offline mode there is none; use `cx.execute`, or ask `cx.is_offline()` first
    --> r5/migration.rs:67:1
    ");
    let stamp = on(&database, "db stamp --sql base:r1").success().stdout;
    assert!(stamp.contains("INSERT INTO"), "{stamp}");
}

#[test]
fn help_tells_the_verbs() {
    let help = typed("rust", "db --help").env("DATABASE_URL", "").run().success().stdout;
    for verb in ["upgrade", "downgrade", "switch", "current", "history", "status", "stamp"] {
        assert!(help.contains(&format!("\n  {verb} ")), "{help}");
    }
}
