//! The verbs that use a database, as a user types them.

use std::io::{Read, Write};
use std::net::TcpListener;

use migrate_tests::{Auth, Cluster, Command, Database, Options, Output, Project, cargo_migrate};

const FIRST: &str = "20261121093000_create_users";
const SECOND: &str = "20261122101500_add_email";

/// A plain folder of two revisions, without a cargo project.
fn folder() -> Project {
    let project = Project::empty();
    let up = "--! Create the users table.\n--!\n--! parent: base\n\nCREATE TABLE users (id bigint PRIMARY KEY);\n";
    project.write(&format!("migrations/{FIRST}/up.sql"), up);
    project.write(&format!("migrations/{FIRST}/down.sql"), "DROP TABLE users;\n");
    let up = "--! Add the email.\n--!\n--! parent: 20261121093000\n\nALTER TABLE users\n    ADD COLUMN email text;\n";
    project.write(&format!("migrations/{SECOND}/up.sql"), up);
    project.write(&format!("migrations/{SECOND}/down.sql"), "ALTER TABLE users DROP COLUMN email;\n");
    project
}

fn typed(project: &Project, words: &str) -> Command {
    project.run(cargo_migrate!()).args(["--dir", "migrations"]).args(words.split_whitespace())
}

fn on(project: &Project, database: &Database<'_>, words: &str) -> Output {
    typed(project, words).env("DATABASE_URL", database.url()).run()
}

fn last_document(output: &Output) -> serde_json::Value {
    serde_json::from_str(output.stdout.lines().last().unwrap())
        .unwrap_or_else(|error| panic!("{error}: {}", output.stdout))
}

#[test]
fn a_database_goes_up_and_down() {
    let (project, database) = (folder(), Database::new());
    insta::assert_snapshot!(on(&project, &database, "status"), @"
    exit 0
    --- stdout
    pending: 2 of 2 revisions are not applied
    database postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
      [ID-1] Create the users table.  pending
      [ID-2] Add the email.  pending
    --- stderr
    note: `cargo migrate upgrade` applies them
    ");
    insta::assert_snapshot!(on(&project, &database, "upgrade"), @"
    exit 0
    --- stdout
    --- stderr
       Upgrading [ID-1] Create the users table. (1/2)
       Upgrading [ID-2] Add the email. (2/2)
        Finished upgraded by 2 revisions to [ID-2] in [TIME]
    ");
    insta::assert_snapshot!(on(&project, &database, "upgrade"), @"
    exit 0
    --- stdout
    --- stderr
        Finished current at [ID-1] in [TIME]
    ");
    insta::assert_snapshot!(on(&project, &database, "status --exit-code"), @"
    exit 0
    --- stdout
    current: all 2 revisions are applied
    database postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
      [ID-1] Create the users table.  applied  [AT]
      [ID-2] Add the email.  applied  [AT]
    --- stderr
    ");
    insta::assert_snapshot!(on(&project, &database, "current"), @"
    exit 0
    --- stdout
    [ID-1] (head), Add the email.
    --- stderr
    ");
    insta::assert_snapshot!(on(&project, &database, "downgrade -1"), @"
    exit 0
    --- stdout
    --- stderr
     Downgrading [ID-1] Add the email. (1/1)
        Finished downgraded by 1 revision to [ID-2] in [TIME]
    ");
    insta::assert_snapshot!(on(&project, &database, "history -i"), @"
    exit 0
    --- stdout
    [ID-1] -> [ID-2] (head), Add the email.
    base -> [ID-1] (current), Create the users table.
    --- stderr
    ");
    insta::assert_snapshot!(on(&project, &database, "history -v"), @"
    exit 0
    --- stdout
    Revision: [ID-1] (head), Add the email.
    Parent:   [ID-2]
    Folder:   [DIR]/migrations/[ID-1]_add_email
    Revision: [ID-2], Create the users table.
    Parent:   base
    Folder:   [DIR]/migrations/[ID-2]_create_users
    --- stderr
    ");
    insta::assert_snapshot!(on(&project, &database, "heads"), @"
    exit 0
    --- stdout
    [ID-1] (head), Add the email.
    --- stderr
    ");
    insta::assert_snapshot!(on(&project, &database, "upgrade --dry-run"), @"
    exit 0
    --- stdout
    up [ID-1]
    --- stderr
         Planned 1 step, none taken
    ");
    insta::assert_snapshot!(on(&project, &database, "status --exit-code"), @"
    exit 5
    --- stdout
    pending: 1 of 2 revisions are not applied
    database postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
      [ID-1] Create the users table.  applied  [AT]
      [ID-2] Add the email.  pending
    --- stderr
    note: `cargo migrate upgrade` applies them
    error: 1 of 2 revisions are not applied
    help: `cargo migrate upgrade` applies them
    ");
    insta::assert_snapshot!(on(&project, &database, "downgrade base -v"), @"
    exit 0
    --- stdout
    --- stderr
     Downgrading [ID-1] Create the users table. (1/1)
        Recorded [ID-1] after [TIME]
        Finished downgraded by 1 revision to base in [TIME]
    ");
    insta::assert_snapshot!(on(&project, &database, "current"), @"
    exit 0
    --- stdout
    --- stderr
         Current at base: no revision is applied
    ");
    assert_eq!(database.psql("SELECT to_regclass('users') IS NULL"), "t\n");
}

#[test]
fn every_document_has_its_form() {
    let (project, database) = (folder(), Database::new());
    let shown = |words: &str| {
        let output = on(&project, &database, &format!("--format json {words}"));
        assert_eq!(output.stderr, "", "{words}");
        output.redact(&output.stdout)
    };
    insta::assert_snapshot!(shown("upgrade add_email --dry-run"), @r#"{"heads":["[ID-1]"],"steps":[{"direction":"up","heads":["[ID-2]"],"revision":"[ID-2]"},{"direction":"up","heads":["[ID-1]"],"revision":"[ID-1]"}]}"#);
    let upgrade = on(&project, &database, "--format json upgrade create_users").success();
    let kinds: Vec<String> = upgrade
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["event"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["step_started", "step_finished", "finished"]);
    insta::assert_snapshot!(shown("current"), @r#"{"heads":[{"depends_on":[],"folder":"[DIR]/migrations/[ID-1]_create_users","head":false,"labels":[],"parents":[],"revision":"[ID-1]","slug":"create_users","summary":"Create the users table."}]}"#);
    insta::assert_snapshot!(shown("heads"), @r#"{"heads":[{"depends_on":[],"folder":"[DIR]/migrations/[ID-1]_add_email","head":true,"labels":[],"parents":["[ID-2]"],"revision":"[ID-1]","slug":"add_email","summary":"Add the email."}]}"#);
    insta::assert_snapshot!(shown("status"), @r#"{"applied":["[ID-1]"],"database":"postgres://postgres@127.0.0.1:[PORT]/[DATABASE]","edited":[],"heads":["[ID-1]"],"message":"1 of 2 revisions are not applied","partial":[],"pending":["[ID-2]"],"state":"pending","unknown":[]}"#);
    insta::assert_snapshot!(shown("history -i"), @r#"{"revisions":[{"current":false,"depends_on":[],"folder":"[DIR]/migrations/[ID-1]_add_email","head":true,"labels":[],"parents":["[ID-2]"],"revision":"[ID-1]","slug":"add_email","summary":"Add the email."},{"current":true,"depends_on":[],"folder":"[DIR]/migrations/[ID-2]_create_users","head":false,"labels":[],"parents":[],"revision":"[ID-2]","slug":"create_users","summary":"Create the users table."}]}"#);
    insta::assert_snapshot!(shown("upgrade nope"), @r#"{"error":{"kind":"unknown_revision","message":"no revision is called `nope`","help":"`cargo migrate history` lists the revisions","file":null,"line":null,"column":null}}"#);
}

#[test]
fn the_url_is_taken_from_the_option_then_the_environment_then_the_file() {
    let (project, database) = (folder(), Database::new());
    let output = typed(&project, "current").run().exit(2);
    assert!(output.stderr.contains("no database is named: `DATABASE_URL` is not set"), "{output}");
    project.write(".env", &format!("OTHER=x\nDATABASE_URL='{}'\n", database.url()));
    typed(&project, "current").run().success();
    let nowhere = "postgres://me:hunter2@127.0.0.1:1/x";
    let environment = typed(&project, "current").env("DATABASE_URL", nowhere).secret("hunter2").run().exit(4);
    assert!(environment.stderr.contains("could not connect to postgres://me@127.0.0.1:1/x"), "{environment}");
    typed(&project, "current").env("DATABASE_URL", nowhere).args(["--database-url", database.url()]).run().success();
    project.write(".env", "DATABASE_URL=\"hunter2\n");
    let broken = typed(&project, "current").secret("hunter2").run().exit(2);
    assert!(
        broken.stderr.contains("`.env` cannot be read") || broken.stderr.contains(".env` cannot be read"),
        "{broken}"
    );
}

#[test]
fn a_server_that_is_not_there_or_turns_us_away_is_named_without_the_password() {
    let cluster = Cluster::start_own(Options::default().auth(Auth::Scram("right".to_owned())));
    let database = Database::on(&cluster);
    let project = folder();
    let at = |user: &str, database: &str| {
        let url = format!("postgres://{user}:hunter2@127.0.0.1:{}/{database}", cluster.port());
        typed(&project, "upgrade").env("DATABASE_URL", url).secret("hunter2").run().exit(4)
    };
    insta::assert_snapshot!(at("postgres", database.name()), @r#"
    exit 4
    --- stdout
    --- stderr
    error: could not connect to postgres://postgres@127.0.0.1:[PORT]/[DATABASE]: password authentication failed for user "postgres"
    help: check the user and the password in the database URL, and pg_hba.conf on the server
    "#);
    let url = database.url().replace(database.name(), "nowhere");
    insta::assert_snapshot!(typed(&project, "upgrade").env("DATABASE_URL", url).secret("right").run().exit(4), @r#"
    exit 4
    --- stdout
    --- stderr
    error: could not connect to postgres://postgres@127.0.0.1:[PORT]/nowhere: database "nowhere" does not exist
    help: create it with `createdb`, or check the name at the end of the database URL
    "#);
    let refused = "postgres://me:hunter2@127.0.0.1:1/x";
    insta::assert_snapshot!(typed(&project, "status").env("DATABASE_URL", refused).secret("hunter2").run(), @"
    exit 4
    --- stdout
    --- stderr
    error: could not connect to postgres://me@127.0.0.1:[PORT]/x: Connection refused (os error 111)
    help: is PostgreSQL running there? check the host and port in the database URL
    ");
    for malformed in ["mysql://me:hunter2@h/d", "hunter2", "postgres://me:hunter2@h:99999999/d"] {
        let output = typed(&project, "status").env("DATABASE_URL", malformed).secret("hunter2").run().exit(2);
        assert!(output.stderr.contains("is not the URL of a PostgreSQL database"), "{output}");
    }
}

#[test]
fn a_server_that_is_not_postgres_is_called_so() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 64]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let url = format!("postgres://me:hunter2@127.0.0.1:{port}/x");
    let output = typed(&folder(), "upgrade").env("DATABASE_URL", url).secret("hunter2").run().exit(4);
    assert!(output.stderr.contains("does not speak PostgreSQL's protocol"), "{output}");
}

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
    let failure = last_document(&on(&project, &database, "-q --format json upgrade --lock-timeout 5").exit(1));
    assert_eq!(failure["error"]["line"], 7);
    assert_eq!(failure["error"]["column"], 24);
    assert_eq!(
        database.psql("SELECT to_regclass('one') IS NULL, string_agg(revision, ',') FROM migrate_revisions"),
        "t|20261121093000\n"
    );
}

#[test]
fn ctrl_c_rolls_back_frees_the_lock_and_exits_with_130() {
    let (project, database) = (folder(), Database::new());
    let up = "--! Sleep.\n--!\n--! parent: 20261121093000\n\nCREATE TABLE half ();\nSELECT pg_sleep(600);\n";
    project.write(&format!("migrations/{SECOND}/up.sql"), up);
    let running = typed(&project, "upgrade").env("DATABASE_URL", database.url()).spawn();
    let sleeping =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    while database.psql(sleeping) == "0\n" {
        std::thread::yield_now();
    }
    running.signal("INT");
    let output = running.wait().exit(130);
    insta::assert_snapshot!(output, @"
    exit 130
    --- stdout
    --- stderr
       Upgrading [ID-1] Create the users table. (1/2)
       Upgrading [ID-2] Sleep. (2/2)
    error: interrupted: the revision under way was not recorded
    help: `cargo migrate status` shows where the database is; `cargo migrate upgrade` goes on from there
    ");
    // At once, without waiting: whoever sees the exit code relies on it.
    assert_eq!(database.psql(sleeping), "0\n");
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert_eq!(database.psql(locks), "0\n");
    assert_eq!(
        database.psql("SELECT to_regclass('half') IS NULL, string_agg(revision, ',') FROM migrate_revisions"),
        "t|20261121093000\n"
    );
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
     = help: run the application: it calls `migrations::upgrade(&pool)` when it starts; or upgrade up to the revision before it with `cargo migrate upgrade REVISION`
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
     = help: restore the file as it was applied (`git log -p` shows it), and write the change as a new revision with `cargo migrate new`
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
    insta::assert_snapshot!(on(&project, &database, "downgrade base").exit(4), @"
    exit 4
    --- stdout
    --- stderr
    error: the database is at [ID-1], which this binary does not know; a newer release migrated it: deploy that release, or downgrade with it first
    ");
    project.remove(&format!("migrations/{FIRST}/down.sql"));
}

#[test]
fn targets_that_lead_nowhere_say_what_to_type() {
    let (project, database) = (folder(), Database::new());
    for (words, said) in [
        ("upgrade 20261121093001", "did you mean `20261121093000`?"),
        ("upgrade 2026", "`2026` may be 20261121093000 or 20261122101500"),
        ("upgrade +3", "`+3` goes too far: only 2 can be taken from here"),
        ("upgrade base", "use `downgrade`"),
        ("downgrade create_users", "use `upgrade`"),
        ("downgrade", "required arguments were not provided"),
    ] {
        let output = on(&project, &database, words).exit(2);
        assert!(output.stderr.contains(said), "{words}: {output}");
    }
}

#[test]
fn invalid_revisions_are_refused_before_the_database_is_asked() {
    let project = folder();
    let up = "--! Another child.\n--!\n--! parent: 20261121093000\n\nSELECT 1;\n";
    project.write("migrations/20261122101501_other/up.sql", up);
    let output = typed(&project, "upgrade").env("DATABASE_URL", "postgres://me@127.0.0.1:1/x").run().exit(3);
    assert!(output.stderr.contains("cargo migrate merge heads"), "{output}");
    // What only looks still works, so that the way out can be found.
    insta::assert_snapshot!(typed(&project, "heads").run(), @"
    exit 0
    --- stdout
    [ID-1] (head), Add the email.
    [ID-2] (head), Another child.
    --- stderr
    ");
}
