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

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_str(output.stdout.trim()).unwrap_or_else(|error| panic!("{error}: {}", output.stdout))
}

#[test]
fn a_database_goes_up_and_down() {
    let (project, database) = (folder(), Database::new());
    insta::assert_snapshot!(on(&project, &database, "status"), @"");
    insta::assert_snapshot!(on(&project, &database, "upgrade"), @"");
    insta::assert_snapshot!(on(&project, &database, "upgrade"), @"");
    insta::assert_snapshot!(on(&project, &database, "status --exit-code"), @"");
    insta::assert_snapshot!(on(&project, &database, "current"), @"");
    insta::assert_snapshot!(on(&project, &database, "downgrade -1"), @"");
    insta::assert_snapshot!(on(&project, &database, "history -i"), @"");
    insta::assert_snapshot!(on(&project, &database, "history -v"), @"");
    insta::assert_snapshot!(on(&project, &database, "heads"), @"");
    insta::assert_snapshot!(on(&project, &database, "upgrade --dry-run"), @"");
    insta::assert_snapshot!(on(&project, &database, "status --exit-code"), @"");
    insta::assert_snapshot!(on(&project, &database, "downgrade base -v"), @"");
    insta::assert_snapshot!(on(&project, &database, "current"), @"");
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
    insta::assert_snapshot!(shown("upgrade add_email --dry-run"), @"");
    let upgrade = on(&project, &database, "--format json upgrade create_users").success();
    let kinds: Vec<String> = upgrade
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["event"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["step_started", "step_finished", "finished"]);
    insta::assert_snapshot!(shown("current"), @"");
    insta::assert_snapshot!(shown("heads"), @"");
    insta::assert_snapshot!(shown("status"), @"");
    insta::assert_snapshot!(shown("history -i"), @"");
    insta::assert_snapshot!(shown("upgrade nope"), @"");
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
    assert!(broken.stderr.contains("`.env` cannot be read") || broken.stderr.contains(".env` cannot be read"), "{broken}");
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
    insta::assert_snapshot!(at("postgres", database.name()), @"");
    let url = database.url().replace(database.name(), "nowhere");
    insta::assert_snapshot!(typed(&project, "upgrade").env("DATABASE_URL", url).secret("right").run().exit(4), @"");
    let refused = "postgres://me:hunter2@127.0.0.1:1/x";
    insta::assert_snapshot!(typed(&project, "status").env("DATABASE_URL", refused).secret("hunter2").run(), @"");
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
    insta::assert_snapshot!(on(&project, &database, "upgrade").exit(1), @"");
    let failure = json(&on(&project, &database, "-q --format json upgrade --lock-timeout 5").exit(1));
    assert_eq!(failure["error"]["line"], 7);
    assert_eq!(failure["error"]["column"], 24);
    assert_eq!(database.psql("SELECT to_regclass('one') IS NULL, string_agg(revision, ',') FROM migrate_revisions"), "t|20261121093000\n");
}

#[test]
fn ctrl_c_rolls_back_frees_the_lock_and_exits_with_130() {
    let (project, database) = (folder(), Database::new());
    let up = "--! Sleep.\n--!\n--! parent: 20261121093000\n\nCREATE TABLE half ();\nSELECT pg_sleep(600);\n";
    project.write(&format!("migrations/{SECOND}/up.sql"), up);
    let running = typed(&project, "upgrade").env("DATABASE_URL", database.url()).spawn();
    let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    while database.psql(sleeping) == "0\n" {
        std::thread::yield_now();
    }
    running.signal("INT");
    let output = running.wait().exit(130);
    insta::assert_snapshot!(output, @"");
    // At once, without waiting: whoever sees the exit code relies on it.
    assert_eq!(database.psql(sleeping), "0\n");
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert_eq!(database.psql(locks), "0\n");
    assert_eq!(database.psql("SELECT to_regclass('half') IS NULL, string_agg(revision, ',') FROM migrate_revisions"), "t|20261121093000\n");
}

#[test]
fn a_pending_rust_revision_is_left_to_the_binary() {
    let (project, database) = (folder(), Database::new());
    let text = "//! Fill.\n//!\n//! parent: 20261122101500\nuse migrate_runtime::{Context, Result};\n\n\
        pub async fn up(_: &mut Context<'_>) -> Result<()> {\n    Ok(())\n}\n";
    project.write("migrations/20261123000000_fill/migration.rs", text);
    insta::assert_snapshot!(on(&project, &database, "upgrade").exit(1), @"");
    assert_eq!(database.psql("SELECT to_regclass('users') IS NULL"), "t\n");
    on(&project, &database, "upgrade add_email").success();
}

#[test]
fn what_disagrees_is_told() {
    let (project, database) = (folder(), Database::new());
    on(&project, &database, "upgrade").success();
    let up = project.read(&format!("migrations/{SECOND}/up.sql"));
    project.write(&format!("migrations/{SECOND}/up.sql"), &up.replace("email text", "email varchar"));
    insta::assert_snapshot!(on(&project, &database, "upgrade").exit(4), @"");
    insta::assert_snapshot!(on(&project, &database, "status --exit-code").exit(5), @"");
    project.remove(&format!("migrations/{SECOND}"));
    insta::assert_snapshot!(on(&project, &database, "upgrade"), @"");
    insta::assert_snapshot!(on(&project, &database, "current"), @"");
    insta::assert_snapshot!(on(&project, &database, "downgrade base").exit(4), @"");
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
    insta::assert_snapshot!(typed(&project, "heads").run(), @"");
}
