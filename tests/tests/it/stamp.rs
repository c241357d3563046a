//! Stamps: the version table is told, and nothing is run.

use migrate_runtime::{Error, Options, Purge, Target};
use migrate_tests::{Database, Output, Project, cargo_migrate};

/// A trunk of two, and two branches of which one depends on the other.
fn folder() -> Project {
    let project = Project::empty();
    for (id, header) in [
        ("a1", "--! parent: base\n"),
        ("b1", "--! parent: a1\n"),
        ("c1", "--! parent: b1\n--! branch-label: left\n"),
        ("d1", "--! parent: b1\n--! branch-label: right\n"),
        ("x1", "--! parent: base\n--! branch-label: other\n"),
    ] {
        let up = format!("--! Revision {id}.\n--!\n{header}\nCREATE TABLE {id} ();\n");
        project.write(&format!("migrations/{id}_{id}x/up.sql"), &up);
        project.write(&format!("migrations/{id}_{id}x/down.sql"), &format!("DROP TABLE {id};\n"));
    }
    project
}

fn on(project: &Project, database: &Database<'_>, words: &str) -> Output {
    let command = project.run(cargo_migrate!()).args(["--dir", "migrations"]).args(words.split_whitespace());
    command.env("DATABASE_URL", database.url()).run()
}

fn rows(database: &Database<'_>) -> String {
    database.psql("SELECT string_agg(revision, ' ' ORDER BY revision) FROM migrate_revisions").trim().to_owned()
}

#[test]
fn a_stamp_records_the_ancestors_and_forgets_what_follows() {
    let (project, database) = (folder(), Database::new());
    insta::assert_snapshot!(on(&project, &database, "stamp left@head other"), @"
    exit 0
    --- stdout
    --- stderr
        Recorded a1
        Recorded b1
        Recorded c1
        Recorded x1
         Stamped at c1, x1; nothing was run
    ");
    assert_eq!(rows(&database), "a1 b1 c1 x1");
    assert_eq!(database.psql("SELECT count(*) FROM pg_tables WHERE tablename IN ('a1', 'b1', 'c1', 'x1')"), "0\n");
    insta::assert_snapshot!(on(&project, &database, "stamp a1"), @"
    exit 0
    --- stdout
    --- stderr
       Forgotten c1
       Forgotten b1
         Stamped at a1, x1; nothing was run
    ");
    insta::assert_snapshot!(on(&project, &database, "stamp a1"), @"
    exit 0
    --- stdout
    --- stderr
         Stamped at a1, x1; nothing was run
    ");
    let json = on(&project, &database, "--format json stamp heads").success();
    insta::assert_snapshot!(json.stdout.trim_end(), @r#"{"forgotten":[],"heads":["c1","d1","x1"],"recorded":["b1","c1","d1"]}"#);
    on(&project, &database, "stamp right@base").success();
    assert_eq!(rows(&database), "a1 b1 c1 x1");
    on(&project, &database, "stamp base").success();
    assert_eq!(rows(&database), "");
    // What was stamped is upgraded from.
    on(&project, &database, "stamp b1").success();
    on(&project, &database, "upgrade heads").success();
    assert_eq!(
        database.psql("SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE tablename ~ '^.1$'"),
        "c1 d1 x1\n"
    );
}

#[test]
fn a_stamp_takes_what_was_left_half_done_for_done() {
    let (project, database) = (folder(), Database::new());
    let up = "--! Two.\n--!\n--! parent: base\n--! transaction: none\n\nCREATE TABLE a1 ();\nSELECT 1/0;\n";
    project.write("migrations/a1_a1x/up.sql", up);
    on(&project, &database, "upgrade a1").exit(1);
    assert_eq!(database.psql("SELECT statements_done, statements FROM migrate_revisions"), "1|2\n");
    on(&project, &database, "stamp a1").success();
    assert_eq!(database.psql("SELECT statements_done, statements FROM migrate_revisions"), "2|2\n");
    let status = on(&project, &database, "--format json status").success();
    assert!(status.stdout.contains(r#""partial":[]"#), "{status}");
}

#[test]
fn what_is_half_done_elsewhere_stays_half_done() {
    let (project, database) = (folder(), Database::new());
    let up = "--! Two.\n--!\n--! parent: base\n--! branch-label: other\n--! transaction: none\n\nCREATE TABLE x1 ();\nSELECT 1/0;\n";
    project.write("migrations/x1_x1x/up.sql", up);
    on(&project, &database, "upgrade x1").exit(1);
    on(&project, &database, "stamp left@head").success();
    let partial = "SELECT string_agg(revision, ' ') FROM migrate_revisions WHERE statements_done < statements";
    assert_eq!(database.psql(partial), "x1\n");
    let output = on(&project, &database, "stamp other").success();
    assert!(output.stderr.contains("Recorded x1"), "{output}");
    assert_eq!(rows(&database), "a1 b1 c1 x1");
    assert_eq!(database.psql(partial), "\n");
}

#[test]
fn rows_that_the_files_do_not_have_are_kept_unless_purged() {
    let (project, database) = (folder(), Database::new());
    on(&project, &database, "upgrade heads").success();
    project.remove("migrations/c1_c1x");
    insta::assert_snapshot!(on(&project, &database, "stamp b1").exit(4), @"
    exit 4
    --- stdout
    --- stderr
    error: the database has c1, which is not in the files: a stamp cannot tell how it stands to them
    help: `--purge` forgets all rows first; `cargo migrate switch` undoes what is not in the files
    ");
    assert_eq!(rows(&database), "a1 b1 c1 d1 x1");
    on(&project, &database, "stamp b1 --purge").success();
    assert_eq!(rows(&database), "a1 b1");
}

#[test]
fn what_a_stamp_cannot_do_is_said_and_changes_nothing() {
    let (project, database) = (folder(), Database::new());
    on(&project, &database, "upgrade b1").success();
    for (words, code, said) in [
        ("stamp +1", 2, "error: `+1` counts steps, and here a revision is to be named"),
        ("stamp -1", 2, "error: `-1` counts steps"),
        ("stamp head", 2, "there are several heads: c1, d1, x1"),
        ("stamp nope", 2, "no revision is called `nope`"),
        ("stamp a1:b1", 2, "`cargo migrate stamp --sql a1:b1` prints what is between the two"),
        ("stamp", 2, "required arguments were not provided"),
        ("stamp --accept c1", 2, "revision c1 is not applied, so there is nothing to accept"),
        ("stamp --accept nope", 2, "no revision is called `nope`"),
        ("stamp --accept a1 b1", 2, "cannot be used with"),
    ] {
        let output = on(&project, &database, words).exit(code);
        assert!(output.stderr.contains(said), "{words}: {output}");
    }
    assert_eq!(rows(&database), "a1 b1");
}

#[test]
fn an_edit_that_was_meant_is_accepted() {
    let (project, database) = (folder(), Database::new());
    on(&project, &database, "upgrade b1").success();
    let up = project.read("migrations/a1_a1x/up.sql");
    project.write("migrations/a1_a1x/up.sql", &up.replace("a1 ()", "a1 (v int)"));
    project.write("migrations/a1_a1x/down.sql", "DROP TABLE a1 CASCADE;\n");
    let refused = on(&project, &database, "upgrade c1").exit(4);
    assert!(refused.stderr.contains("if the edit was meant, `cargo migrate stamp --accept a1` takes it"), "{refused}");
    insta::assert_snapshot!(on(&project, &database, "stamp --accept a1"), @"
    exit 0
    --- stdout
    --- stderr
        Accepted a1 as its file is now
    ");
    insta::assert_snapshot!(on(&project, &database, "stamp --accept a1x"), @"
    exit 0
    --- stdout
    --- stderr
       Unchanged a1x is what was applied
    ");
    assert_eq!(
        database.psql("SELECT down_sql FROM migrate_revisions WHERE revision = 'a1'"),
        "DROP TABLE a1 CASCADE;\n\n"
    );
    on(&project, &database, "upgrade c1").success();
    project.write("migrations/a1_a1x/up.sql", &(up.replace("a1 ()", "a1 (v int)") + "-- why\n"));
    let json = on(&project, &database, "--format json stamp --accept a1").success();
    assert_eq!(json.stdout, "{\"accepted\":\"a1\",\"edit\":\"cosmetic\"}\n");
    let partial =
        "--! Two.\n--!\n--! parent: b1\n--! branch-label: right\n--! transaction: none\n\nSELECT 1;\nSELECT 1/0;\n";
    project.write("migrations/d1_d1x/up.sql", partial);
    on(&project, &database, "upgrade d1").exit(1);
    let output = on(&project, &database, "stamp --accept d1").exit(1);
    assert!(output.stderr.contains("only what is applied can be accepted; finish it first"), "{output}");
}

#[tokio::test]
async fn stamps_at_once_end_as_one_after_the_other_would() {
    let (project, database) = (folder(), Database::new());
    let history = migrate_build::History::read(
        &project.path("migrations"),
        std::path::Path::new("migrations"),
        &migrate_build::Crates::none(),
    );
    let table = history.expect("a history").table("app");
    let (pool, options) = (database.pool(), Options::default());
    let stamps = ["left@head", "right@head", "other", "left@head", "b1", "heads"].map(|target| {
        let (pool, options) = (pool.clone(), options.clone());
        tokio::spawn(async move {
            let targets = [Target::from(target)];
            table.with(options).stamp(&pool, &targets, Purge::Nothing).await
        })
    });
    for stamp in stamps {
        stamp.await.unwrap().unwrap();
    }
    let applied = database
        .psql("SELECT count(*), count(DISTINCT revision) FROM migrate_revisions WHERE statements_done = statements");
    let (all, distinct) = applied.trim().split_once('|').unwrap();
    assert_eq!(all, distinct);
    assert!(rows(&database).contains("a1 b1"));
}

#[tokio::test]
async fn a_role_that_may_not_write_is_told() {
    let (project, database) = (folder(), Database::new());
    on(&project, &database, "-p app upgrade a1").success();
    let role = format!("reader_{}", database.name());
    database.psql(&format!("CREATE ROLE {role}; GRANT SELECT ON migrate_revisions TO {role};"));
    let history = migrate_build::History::read(
        &project.path("migrations"),
        std::path::Path::new("migrations"),
        &migrate_build::Crates::none(),
    );
    let table = history.expect("a history").table("app");
    let options = database.options().options([("role", role.as_str())]);
    let error = table.with(Options::default()).stamp(&options, &[Target::base()], Purge::Nothing).await.unwrap_err();
    let Error::Write { .. } = &error else { panic!("{error}") };
    assert!(
        error
            .to_string()
            .starts_with("could not write the version table \"public\".\"migrate_revisions\": permission denied"),
        "{error}"
    );
    database.psql(&format!("DROP OWNED BY {role}; DROP ROLE {role};"));
}
