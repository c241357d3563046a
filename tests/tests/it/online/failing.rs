//! Runs that are refused or fail: the place, the reason, what still holds, and what to type next.

use migrate_tests::Database;

use super::{FIRST, SECOND, folder, last_document, on, typed};

#[test]
fn a_third_statement_that_fails_leaves_nothing() {
    let (project, database) = (folder(), Database::new());
    let up = "--! Add the email.\n--!\n--! parent: 20261121093000\n\nCREATE TABLE one ();\nCREATE TABLE two ();\n\
        INSERT INTO users (id, nme) VALUES (1, 'é');\n";
    project.write(&format!("migrations/{SECOND}/up.sql"), up);
    insta::assert_snapshot!(on(&project, &database, "upgrade").exit(1), @r#"
    exit 1
    --- stdout
    --- stderr
       Upgrading [ID-1] Create the users table. (1/2)
       Upgrading [ID-2] Add the email. (2/2)
    error: revision [ID-2] failed: column "nme" of relation "users" does not exist (SQLSTATE 42703)
     --> migrations/[ID-2]_add_email/up.sql:7:24
      |
    7 | INSERT INTO users (id, nme) VALUES (1, 'é');
      |                        ^^^
      |
      = note: the revision was rolled back: nothing of it is applied or recorded
    "#);
    let failure = last_document(&on(&project, &database, "-q --format json upgrade --lock-timeout 5s").exit(1));
    assert_eq!(failure["error"]["line"], 7);
    assert_eq!(failure["error"]["column"], 24);
    assert_eq!(
        database.psql("SELECT to_regclass('one') IS NULL, string_agg(revision, ',') FROM migrate_revisions"),
        "t|20261121093000\n"
    );
}

#[test]
fn a_dry_run_refuses_what_the_run_would_refuse() {
    let (project, database) = (folder(), Database::new());
    on(&project, &database, "upgrade create_users").success();
    project.remove(&format!("migrations/{FIRST}/down.sql"));
    let output = on(&project, &database, "downgrade base --dry-run").exit(1);
    assert!(output.stderr.contains("cannot be undone: it has no downgrade"), "{output}");
    let up = project.read(&format!("migrations/{FIRST}/up.sql"));
    project.write(&format!("migrations/{FIRST}/up.sql"), &up.replace("bigint", "int"));
    let output = on(&project, &database, "upgrade --dry-run").exit(4);
    assert!(output.stderr.contains("was edited after it was applied"), "{output}");
}

#[test]
fn a_failed_commit_is_a_failed_revision() {
    let (project, database) = (folder(), Database::new());
    let up = "--! Add the email.\n--!\n--! parent: 20261121093000\n\nCREATE TABLE c (p bigint REFERENCES users DEFERRABLE \
        INITIALLY DEFERRED);\nINSERT INTO c VALUES (1);\n";
    project.write(&format!("migrations/{SECOND}/up.sql"), up);
    insta::assert_snapshot!(on(&project, &database, "upgrade").exit(1), @r#"
    exit 1
    --- stdout
    --- stderr
       Upgrading [ID-1] Create the users table. (1/2)
       Upgrading [ID-2] Add the email. (2/2)
    error: could not commit revision [ID-2] (migrations/[ID-2]_add_email/up.sql): insert or update on table "c" violates foreign key constraint "c_p_fkey" (SQLSTATE 23503); detail: Key (p)=(1) is not present in table "users".
    --> migrations/[ID-2]_add_email/up.sql
     = note: the revision was rolled back: nothing of it is applied or recorded
    "#);
}

#[test]
fn a_failed_downgrade_says_what_still_holds() {
    let (project, database) = (folder(), Database::new());
    on(&project, &database, "upgrade").success();
    project.write(&format!("migrations/{SECOND}/down.sql"), "DROP TABLE nope;\n");
    insta::assert_snapshot!(on(&project, &database, "downgrade -1").exit(1), @r#"
    exit 1
    --- stdout
    --- stderr
     Downgrading [ID-1] Add the email. (1/1)
    error: revision [ID-1] failed: table "nope" does not exist (SQLSTATE 42P01)
     --> migrations/[ID-1]_add_email/down.sql:1:1
      |
    1 | DROP TABLE nope;
      | ^^^^
      |
      = note: the downgrade was rolled back: the revision is applied as before
    "#);
    let none = "--! transaction: none\n\nALTER TABLE users DROP COLUMN email;\nDROP TABLE nope;\n";
    project.write(&format!("migrations/{SECOND}/down.sql"), none);
    insta::assert_snapshot!(on(&project, &database, "downgrade -1").exit(1), @r#"
    exit 1
    --- stdout
    --- stderr
     Downgrading [ID-1] Add the email. (1/1)
    error: revision [ID-1] failed: table "nope" does not exist (SQLSTATE 42P01)
     --> migrations/[ID-1]_add_email/down.sql:4:1
      |
    4 | DROP TABLE nope;
      | ^^^^
      |
      = note: statements of this downgrade done and recorded: 1
      = help: mend this statement and run the same `cargo migrate downgrade` again: it goes on here
    "#);
    insta::assert_snapshot!(on(&project, &database, "status").exit(0), @"
    exit 0
    --- stdout
    partial: begun and not finished: [ID-1]
    database postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
      [ID-2] Create the users table.  applied  [AT]
      [ID-1] Add the email.  partial  1 statements of its downgrade done
    --- stderr
    note: its downgrade was cut off: `cargo migrate downgrade` to the revision before it goes on
    ");
    insta::assert_snapshot!(on(&project, &database, "upgrade").exit(1), @"
    exit 1
    --- stdout
    --- stderr
    error: revision [ID-1] (migrations/[ID-1]_add_email/up.sql) is recorded as unfinished: its downgrade was cut off; finish that with `cargo migrate downgrade` to the revision before it
    ");
}

#[test]
fn a_pending_rust_revision_is_left_to_the_binary() {
    let (project, database) = (folder(), Database::new());
    let text = "//! Fill.\n//!\n//! parent: 20261122101500\nuse migrate_runtime::{Context, Result};\n\n\
        pub async fn up(_: &mut Context<'_>) -> Result<()> {\n    Ok(())\n}\n";
    project.write("migrations/20261123000000_fill/migration.rs", text);
    insta::assert_snapshot!(on(&project, &database, "upgrade").exit(1), @"
    exit 1
    --- stdout
    --- stderr
    error: revision [ID-1] (migrations/[ID-1]_fill/migration.rs) is Rust, and only the binary it is compiled into can run it
    --> migrations/[ID-1]_fill/migration.rs
     = help: run this in the cargo package that has it, without `--dir`, to have it compiled; or run the application, which calls `migrations::upgrade(&pool)` when it starts
    ");
    assert_eq!(database.psql("SELECT to_regclass('users') IS NULL"), "t\n");
    on(&project, &database, "upgrade add_email").success();
}

#[test]
fn what_disagrees_is_told() {
    let (project, database) = (folder(), Database::new());
    on(&project, &database, "upgrade").success();
    let up = project.read(&format!("migrations/{SECOND}/up.sql"));
    project.write(&format!("migrations/{SECOND}/up.sql"), &up.replace("email text", "email varchar"));
    insta::assert_snapshot!(on(&project, &database, "upgrade").exit(4), @"
    exit 4
    --- stdout
    --- stderr
    error: revision [ID-1] (migrations/[ID-1]_add_email/up.sql) was edited after it was applied: 96f1940aad2c now, b5e80244ce9a when it was applied
    --> migrations/[ID-1]_add_email/up.sql
     = help: restore the file as it was applied (`git log -p` shows it), and write the change as a new revision with `cargo migrate new`; if the edit was meant, `cargo migrate stamp --accept [ID-1]` takes it
    ");
    insta::assert_snapshot!(on(&project, &database, "status --exit-code").exit(5), @"
    exit 5
    --- stdout
    edited: edited after it was applied: [ID-1]
    database postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
      [ID-2] Create the users table.  applied  [AT]
      [ID-1] Add the email.  applied  [AT]
      [ID-1] edited: its SQL changed in migrations/[ID-1]_add_email/up.sql
    --- stderr
    note: restore the file, and write the change as a new revision with `cargo migrate new`
    error: edited after it was applied: [ID-1]
    help: restore the file, and write the change as a new revision with `cargo migrate new`
    ");
    project.remove(&format!("migrations/{SECOND}"));
    insta::assert_snapshot!(on(&project, &database, "upgrade"), @"
    exit 0
    --- stdout
    --- stderr
    warning: the database is ahead: it has [ID-1], which is not in the files
        Finished current at [ID-1] in [TIME]
    ");
    insta::assert_snapshot!(on(&project, &database, "current"), @"
    exit 0
    --- stdout
    [ID-1], Add the email.
    --- stderr
    ");
    insta::assert_snapshot!(on(&project, &database, "downgrade base"), @"
    exit 0
    --- stdout
    --- stderr
    warning: the database is ahead: it has [ID-1], which is not in the files
     Downgrading [ID-1] Add the email. (1/2)
     Downgrading [ID-2] Create the users table. (2/2)
        Finished downgraded by 2 revisions to base in [TIME]
    ");
}

#[test]
fn a_file_that_is_gone_is_told() {
    let (project, database) = (folder(), Database::new());
    let third = "migrations/20261123000000_third/up.sql";
    project.write(third, "--! Third.\n--!\n--! parent: 20261122101500\n\nSELECT 1;\n");
    on(&project, &database, "upgrade").success();
    project.remove(&format!("migrations/{SECOND}"));
    project.write(third, "--! Third.\n--!\n--! parent: 20261121093000\n\nSELECT 1;\n");
    insta::assert_snapshot!(on(&project, &database, "upgrade").exit(0), @"
    exit 0
    --- stdout
    --- stderr
    warning: migrations/[ID-1]_third/up.sql: comments or white space changed since revision [ID-1] was applied
    warning: applied revisions have lost their files, so that a new database does not get what they did: [ID-2]
        Finished current at [ID-1] in [TIME]
    ");
    insta::assert_snapshot!(on(&project, &database, "status --exit-code").exit(5), @"
    exit 5
    --- stdout
    lost: applied, and their files are gone: [ID-1]
    database postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
      [ID-2] Create the users table.  applied  [AT]
      [ID-3] Third.  applied  [AT]
      [ID-1] Add the email.  its file is gone  [AT]
      [ID-3] edited: comments or white space changed in migrations/[ID-3]_third/up.sql
    --- stderr
    note: restore them, `git log --diff-filter=D --stat` shows where they went: a new database does not get what they did
    error: applied, and their files are gone: [ID-1]
    help: restore them, `git log --diff-filter=D --stat` shows where they went: a new database does not get what they did
    ");
    insta::assert_snapshot!(on(&project, &database, "current").exit(0), @"
    exit 0
    --- stdout
    [ID-1] (head), Third.
    --- stderr
    ");
}

/// Cut off by a script that fails: what is recorded is not run again, by the command line neither.
#[test]
fn what_is_partly_applied_goes_on_where_it_stopped() {
    let (project, database) = (folder(), Database::new());
    let up = "--! Add the email.\n--!\n--! parent: 20261121093000\n--! transaction: none\n\n\
        CREATE TABLE once ();\nCREATE INDEX CONCURRENTLY i ON users (nme);\n";
    project.write(&format!("migrations/{SECOND}/up.sql"), up);
    let output = on(&project, &database, "upgrade").exit(1);
    assert!(output.stderr.contains("column \"nme\" does not exist"), "{output}");
    insta::assert_snapshot!(on(&project, &database, "status").exit(0), @"
    exit 0
    --- stdout
    partial: begun and not finished: [ID-1]
    database postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
      [ID-2] Create the users table.  applied  [AT]
      [ID-1] Add the email.  partial  1 of 2 statements done
    --- stderr
    note: `cargo migrate upgrade` goes on where it stopped
    ");
    project.write(&format!("migrations/{SECOND}/up.sql"), &up.replace("nme", "id"));
    insta::assert_snapshot!(on(&project, &database, "upgrade").exit(0), @"
    exit 0
    --- stdout
    --- stderr
       Upgrading [ID-1] Add the email. (1/1, resumed after statement 1)
        Finished upgraded by 1 revision to [ID-1] in [TIME]
    ");
}

#[test]
fn targets_that_lead_nowhere_say_what_to_type() {
    let (project, database) = (folder(), Database::new());
    for (words, said) in [
        ("upgrade 20261121093001", "did you mean `20261121093000`?"),
        ("upgrade 2026", "`2026` may be 20261121093000 or 20261122101500"),
        ("upgrade +3", "`+3` goes too far: only 2 can be taken from here"),
        ("upgrade -1", "go down with `cargo migrate downgrade`"),
        ("downgrade create_users", "`create_users` is no downgrade from base"),
        ("downgrade", "required arguments were not provided"),
        ("upgrade -n users", "`--dir` names one folder, and `-n` and `--all` databases of a package"),
        ("status --all", "give the folder alone, or run the command in the package without `--dir`"),
    ] {
        let output = on(&project, &database, words).exit(2);
        assert!(output.stderr.contains(said), "{words}: {output}");
    }
}

#[test]
fn a_branch_label_names_the_revision_that_carries_it() {
    let (project, database) = (folder(), Database::new());
    let up = "--! Sales.\n--!\n--! parent: 20261122101500\n--! branch-label: sales\n\nSELECT 1;\n";
    project.write("migrations/20261123000000_sales_reports/up.sql", up);
    let output = on(&project, &database, "upgrade sales").success();
    assert!(output.stderr.contains("upgraded by 3 revisions to 20261123000000"), "{output}");
}

#[test]
fn invalid_revisions_are_refused_before_the_database_is_asked() {
    let project = folder();
    let up = "--! Another child.\n--!\n--! parent: 20261121093000\n\nSELECT 1;\n";
    project.write("migrations/20261122101501_other/up.sql", up);
    let output = typed(&project, "upgrade").env("DATABASE_URL", "postgres://me@127.0.0.1:1/x").run().exit(3);
    assert!(
        output.stderr.contains("or move a branch that no database has yet with `cargo migrate rebase 20261122101501`"),
        "{output}"
    );
    // What only looks still works, so that the way out can be found.
    insta::assert_snapshot!(typed(&project, "heads").run(), @"
    exit 0
    --- stdout
    [ID-1] (head), Add the email.
    [ID-2] (head), Another child.
    --- stderr
    ");
}

#[test]
fn who_holds_the_lock_is_told_and_the_wait_ends() {
    let (project, database) = (folder(), Database::new());
    let up = project.read(&format!("migrations/{FIRST}/up.sql"));
    project.write(&format!("migrations/{FIRST}/up.sql"), &format!("{up}SELECT pg_sleep(600);\n"));
    let holder = typed(&project, "upgrade").env("DATABASE_URL", database.url()).spawn();
    let sleeping = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    let pid = loop {
        match database.psql(sleeping).trim() {
            "" => std::thread::yield_now(),
            pid => break pid.to_owned(),
        }
    };
    let output = on(&project, &database, "upgrade --wait-timeout 1s").exit(4);
    assert!(
        output
            .stderr
            .contains(&format!("Waiting for the migration lock, which pid {pid} (application \"cargo migrate")),
        "{output}"
    );
    assert!(output.stderr.contains("error: could not get the migration lock in 1s: pid "), "{output}");
    assert!(output.stderr.contains("raise `--wait-timeout 5min`"), "{output}");
    holder.signal("INT");
    let _ = holder.wait().exit(130);
}

#[test]
fn a_history_that_is_there_under_another_name_is_not_applied_again() {
    let (project, database) = (folder(), Database::new());
    on(&project, &database, "upgrade -p shop").success();
    let output = on(&project, &database, "upgrade").exit(4);
    let said = "nothing is applied for the package `default`, and the same revisions are for `shop`";
    assert!(output.stderr.contains(said), "{output}");
    assert!(output.stderr.contains("pass `-p shop` if that package is meant"), "{output}");
    let rename = "UPDATE \"public\".\"migrate_revisions\" SET package = 'default' WHERE package = 'shop'";
    assert!(output.stderr.contains(rename), "{output}");
    database.psql(rename);
    let output = on(&project, &database, "upgrade").success();
    assert!(output.stderr.contains("current at 20261122101500"), "{output}");
}
