//! The verbs that use a database, as a user types them.

mod failing;

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
    pending: 2 of 2 revisions not applied
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
    current: 2 revisions applied, none pending
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
    ○  [ID-1] (head), Add the email.
    ●  [ID-2] (current), Create the users table.
    --- stderr
    ");
    insta::assert_snapshot!(on(&project, &database, "history -v"), @"
    exit 0
    --- stdout
    ○  Rev: [ID-1] (head)
    │  Parent: [ID-2]
    │  Path: migrations/[ID-1]_add_email
    │
    │      Add the email.
    ○  Rev: [ID-2]
       Parent: base
       Path: migrations/[ID-2]_create_users
           Create the users table.
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
    pending: 1 of 2 revisions not applied
    database postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
      [ID-1] Create the users table.  applied  [AT]
      [ID-2] Add the email.  pending
    --- stderr
    note: `cargo migrate upgrade` applies them
    error: 1 of 2 revisions not applied
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
    insta::assert_snapshot!(shown("upgrade add_email --dry-run"), @r#"{"steps":[{"direction":"up","revision":"[ID-1]","heads":["[ID-1]"]},{"direction":"up","revision":"[ID-2]","heads":["[ID-2]"]}],"heads":["[ID-2]"]}"#);
    let upgrade = on(&project, &database, "--format json upgrade create_users").success();
    let kinds: Vec<String> = upgrade
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["event"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["step_started", "step_finished", "finished"]);
    insta::assert_snapshot!(shown("current"), @r#"{"heads":[{"branches":[],"children":["[ID-1]"],"depends_on":[],"effective_head":false,"folder":"migrations/[ID-2]_create_users","head":false,"labels":[],"parents":[],"revision":"[ID-2]","slug":"create_users","summary":"Create the users table."}]}"#);
    insta::assert_snapshot!(shown("heads"), @r#"{"heads":[{"branches":[],"children":[],"depends_on":[],"effective_head":false,"folder":"migrations/[ID-1]_add_email","head":true,"labels":[],"parents":["[ID-2]"],"revision":"[ID-1]","slug":"add_email","summary":"Add the email."}]}"#);
    insta::assert_snapshot!(shown("status"), @r#"{"applied":["[ID-1]"],"database":"postgres://postgres@127.0.0.1:[PORT]/[DATABASE]","edited":[],"heads":["[ID-1]"],"lost":[],"message":"1 of 2 revisions not applied","partial":[],"pending":["[ID-2]"],"state":"pending","unknown":[]}"#);
    insta::assert_snapshot!(shown("history -i"), @r#"{"revisions":[{"applied":false,"branches":[],"children":[],"current":false,"depends_on":[],"effective_head":false,"folder":"migrations/[ID-1]_add_email","head":true,"labels":[],"parents":["[ID-2]"],"revision":"[ID-1]","slug":"add_email","summary":"Add the email."},{"applied":true,"branches":[],"children":["[ID-1]"],"current":true,"depends_on":[],"effective_head":false,"folder":"migrations/[ID-2]_create_users","head":false,"labels":[],"parents":[],"revision":"[ID-2]","slug":"create_users","summary":"Create the users table."}]}"#);
    insta::assert_snapshot!(shown("upgrade nope"), @r#"{"error":{"kind":"unknown_revision","message":"no revision is called `nope`","help":"`cargo migrate history` lists the revisions and their branches","file":null,"line":null,"column":null}}"#);
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
fn looking_needs_no_finished_scripts() {
    let (project, database) = (folder(), Database::new());
    on(&project, &database, "upgrade").success();
    project.run(cargo_migrate!()).args(["--dir", "migrations", "new", "unfinished"]).run().success();
    for words in ["heads", "history -i", "current"] {
        on(&project, &database, words).success();
    }
    on(&project, &database, "upgrade").exit(3);
}

#[test]
fn a_package_says_how_its_runs_behave() {
    let (project, database) = (folder(), Database::new());
    project.write(
        "Cargo.toml",
        "[package]\nname = \"shop\"\nversion = \"0.1.0\"\n\n[package.metadata.migrate]\n\
        transaction = \"all\"\nlock-timeout = \"7s\"\nstatement-timeout = \"9s\"\nsession-setup = \"sql/setup.sql\"\n\
        session-end = \"sql/end.sql\"\n",
    );
    project.write("sql/setup.sql", "SET work_mem = '7MB';\nCREATE TABLE IF NOT EXISTS seen (what text);\n");
    project.write("sql/end.sql", "INSERT INTO seen VALUES ('end');\n");
    let settings = "INSERT INTO seen SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout') || ' ' \
        || current_setting('work_mem');";
    let up = format!(
        "--! Add the email.\n--!\n--! parent: 20261121093000\n\nALTER TABLE users ADD COLUMN email text;\n{settings}\n"
    );
    project.write(&format!("migrations/{SECOND}/up.sql"), &up);
    on(&project, &database, "upgrade").success();
    assert_eq!(database.psql("SELECT string_agg(what, ', ') FROM seen"), "7s 9s 7MB, end\n");
    assert_eq!(database.psql("SELECT count(DISTINCT xmin::text), count(*) FROM migrate_revisions"), "1|2\n");
    project.remove("sql/end.sql");
    let output = on(&project, &database, "downgrade base").exit(1);
    assert!(output.stderr.contains("failed to read `sql/end.sql`"), "{output}");
    assert!(
        output.stderr.contains("`session-setup` and `session-end` name files below the package's folder"),
        "{output}"
    );
}
