//! A database that another branch has upgraded: back with the downgrades that its rows hold, and on.

use migrate_tests::{Database, Output, Project, cargo_migrate};

fn revision(project: &Project, id: &str, header: &str, up: &str, down: Option<&str>) {
    project.write(&format!("migrations/{id}_{id}x/up.sql"), &format!("--! Revision {id}.\n--!\n{header}\n{up}\n"));
    if let Some(down) = down {
        project.write(&format!("migrations/{id}_{id}x/down.sql"), down);
    }
}

/// What both branches have.
fn trunk() -> Project {
    let project = Project::empty();
    revision(&project, "a1", "--! parent: base\n", "CREATE TABLE t (v text);", Some("DROP TABLE t;"));
    revision(&project, "b1", "--! parent: a1\n", "CREATE TABLE u ();", Some("DROP TABLE u;"));
    project
}

/// The trunk and what another branch has added: with and without a transaction, and statements that only a lexer splits.
fn theirs() -> Project {
    let project = trunk();
    revision(
        &project,
        "c1",
        "--! parent: b1\n",
        "CREATE TABLE theirs ();",
        Some("SELECT ';'; DROP TABLE theirs; -- é;\n"),
    );
    let concurrently = "CREATE INDEX CONCURRENTLY i ON t (v);\nCREATE INDEX CONCURRENTLY j ON t (v);";
    let down = "--! transaction: none\nDROP INDEX CONCURRENTLY i;\nDROP INDEX CONCURRENTLY j;\n";
    revision(&project, "d1", "--! parent: c1\n--! transaction: none\n", concurrently, Some(down));
    project
}

fn ours() -> Project {
    let project = trunk();
    revision(&project, "e1", "--! parent: b1\n", "CREATE TABLE ours ();", Some("DROP TABLE ours;"));
    project
}

fn on(project: &Project, database: &Database<'_>, words: &str) -> Output {
    let command =
        project.run(cargo_migrate!()).args(["--dir", "migrations", "-p", "app"]).args(words.split_whitespace());
    command.env("DATABASE_URL", database.url()).run()
}

#[test]
fn a_switch_goes_down_to_the_common_ancestor_and_up_to_the_heads() {
    let (theirs, ours, database, expected) = (theirs(), ours(), Database::new(), Database::new());
    on(&theirs, &database, "upgrade").success();
    on(&ours, &expected, "upgrade").success();
    let refused = on(&ours, &database, "upgrade").exit(4);
    assert!(refused.stderr.contains("two histories: the database has c1, d1"), "{refused}");
    assert!(refused.stderr.contains("`cargo migrate switch` undoes what only the database has"), "{refused}");
    insta::assert_snapshot!(on(&ours, &database, "switch --dry-run"), @"
    exit 0
    --- stdout
    down d1
    down c1
    up e1
    --- stderr
         Planned 3 steps, none taken
    ");
    insta::assert_snapshot!(on(&ours, &database, "switch"), @"
    exit 0
    --- stdout
    --- stderr
    warning: the database is ahead: it has c1, d1, which is not in the files
     Downgrading d1 Revision d1. (1/2)
     Downgrading c1 Revision c1. (2/2)
       Upgrading e1 Revision e1. (1/1)
        Finished switched: 2 undone and 1 applied, now at e1 in [TIME]
    ");
    assert_eq!(database.catalog(), expected.catalog());
    assert_eq!(database.version_rows(), expected.version_rows());
    insta::assert_snapshot!(on(&ours, &database, "switch"), @"
    exit 0
    --- stdout
    --- stderr
        Finished current at e1 in [TIME]
    ");
    // And back, although these files are gone now.
    let json = on(&theirs, &database, "--format json switch").success();
    let last: serde_json::Value = serde_json::from_str(json.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(last["heads"], serde_json::json!(["d1"]));
    assert_eq!(last["steps"].as_array().unwrap().len(), 3);
}

#[test]
fn a_downgrade_passes_revisions_whose_files_are_gone() {
    let (theirs, trunk, database, expected) = (theirs(), trunk(), Database::new(), Database::new());
    on(&theirs, &database, "upgrade").success();
    on(&trunk, &expected, "upgrade").success();
    on(&trunk, &database, "downgrade c1").success();
    assert_eq!(on(&trunk, &database, "downgrade -1 --dry-run").success().stdout, "down c1\n");
    on(&trunk, &database, "downgrade b1").success();
    assert_eq!(database.catalog(), expected.catalog());
    assert_eq!(database.version_rows(), expected.version_rows());
    on(&theirs, &database, "upgrade").success();
    on(&trunk, &database, "downgrade base").success();
    assert_eq!(database.psql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "1\n");
}

#[test]
fn a_downgrade_without_files_that_is_cut_off_goes_on() {
    let (theirs, trunk, database) = (theirs(), trunk(), Database::new());
    on(&theirs, &database, "upgrade").success();
    database.psql("ALTER INDEX j RENAME TO elsewhere");
    let output = on(&trunk, &database, "downgrade b1").exit(1);
    assert!(output.stderr.contains("index \"j\" does not exist"), "{output}");
    assert!(output.stderr.contains("as stored in the version table:3:1"), "{output}");
    assert_eq!(database.psql("SELECT down_statements_done FROM migrate_revisions WHERE revision = 'd1'"), "1\n");
    database.psql("ALTER INDEX elsewhere RENAME TO j");
    insta::assert_snapshot!(on(&trunk, &database, "downgrade b1"), @"
    exit 0
    --- stdout
    --- stderr
    warning: the database is ahead: it has c1, d1, which is not in the files
     Downgrading d1 Revision d1. (1/2, resumed after statement 1)
     Downgrading c1 Revision c1. (2/2)
        Finished downgraded by 2 revisions to b1 in [TIME]
    ");
}

#[test]
fn what_nothing_stored_undoes_is_refused_before_anything_is_undone() {
    let (theirs, ours, database) = (theirs(), ours(), Database::new());
    theirs.remove("migrations/c1_c1x/down.sql");
    on(&theirs, &database, "upgrade").success();
    let before = (database.catalog(), database.version_rows());
    for words in ["switch", "downgrade b1", "switch --dry-run"] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(on(&ours, &database, words).exit(1), @"
            exit 1
            --- stdout
            --- stderr
            error: revision c1 is not in the files, and the database has no downgrade for it: it had none, or one in Rust
            help: check out the branch or release that has c1 and downgrade there; if there is nothing to undo, `cargo migrate stamp --purge TARGET` forgets all rows and records that the database is at TARGET
            ");
        }
    }
    database.psql("UPDATE migrate_revisions SET down_sql = 'DROP TABLE theirs', down_spans = '{0,99}', down_in_transaction = true WHERE revision = 'c1'");
    let output = on(&ours, &database, "switch").exit(1);
    assert!(output.stderr.contains("the database has no downgrade for it"), "{output}");
    // What this branch cannot apply afterwards is seen before, too.
    database.psql("UPDATE migrate_revisions SET down_spans = '{0,17}' WHERE revision = 'c1'");
    let rust = "//! Rust.\n//!\n//! parent: e1\n\npub async fn up(_: &mut migrate_runtime::Context<'_>) -> migrate_runtime::Result<()> { Ok(()) }\n";
    ours.write("migrations/f1_f1x/migration.rs", rust);
    let output = on(&ours, &database, "switch").exit(1);
    assert!(output.stderr.contains("revision f1 (migrations/f1_f1x/migration.rs) is Rust"), "{output}");
    ours.remove("migrations/f1_f1x");
    let up = ours.read("migrations/a1_a1x/up.sql");
    ours.write("migrations/a1_a1x/up.sql", &up.replace("text", "int"));
    let output = on(&ours, &database, "switch").exit(4);
    assert!(output.stderr.contains("was edited after it was applied"), "{output}");
    assert_eq!(database.catalog(), before.0);
    ours.write("migrations/a1_a1x/up.sql", &up);
    on(&ours, &database, "switch").success();
    assert_eq!(database.psql("SELECT to_regclass('theirs') IS NULL, to_regclass('ours') IS NULL"), "t|f\n");
}
