//! Where a schema is loaded: each way of making a database for it, what each refuses, and that nothing of any stays.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use migrate_tests::{Auth, Cluster, Command, Database, Options, Output, Project, cargo_migrate};

const TABLE: &str = "CREATE TABLE users (\n    id bigint\n);\n";

/// Sleeps until it is interrupted.
const SLEEP: &str = "CREATE TABLE users (id bigint);\nSELECT pg_sleep(600);\n";

const LEFT: &str = "SELECT string_agg(datname, ',') FROM pg_database WHERE datname LIKE 'migrate\\_dev\\_%'";
const SLEEPING: &str = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";

/// A folder with a file of SQL. Nothing is installed, as far as the program is told.
fn project(sql: &str) -> Project {
    let project = Project::empty();
    project.write("schema.sql", sql);
    project
}

/// Loads the file, and prints what is in it.
fn load(project: &Project) -> Command {
    let command = project.run(cargo_migrate!()).args(["diff", "--from", "empty", "--to", "schema.sql"]);
    command.env("MIGRATE_PG_BIN", project.folder())
}

fn beside(project: &Project, database: &Database<'_>) -> Command {
    load(project).env("DATABASE_URL", database.url())
}

/// A server of the test's own, since what is left on it is counted.
fn cluster() -> Cluster {
    Cluster::start_own(Options::default())
}

/// The URL of a role that owns a database and may not make another.
fn low_role(database: &Database<'_>) -> String {
    let name = database.name();
    database.psql(&format!("CREATE ROLE low LOGIN; ALTER DATABASE {name} OWNER TO low;"));
    database.url().replacen("postgres@", "low@", 1)
}

#[test]
fn a_database_is_made_beside_the_target_and_removed() {
    let cluster = cluster();
    let (project, database) = (project(TABLE), Database::on(&cluster));
    let output = beside(&project, &database).run();
    insta::assert_snapshot!(output, @"
    exit 0
    --- stdout
    CREATE TABLE users (
        id bigint
    );
    --- stderr
         Loading schema.sql into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    ");
    assert_eq!(database.ask(LEFT), "");
    assert_eq!(database.objects(), Database::on(&cluster).objects(), "the target itself is not touched");
}

#[test]
fn a_database_is_made_on_the_server_of_dev_url_whatever_is_in_it() {
    let cluster = cluster();
    let (project, database) = (project(TABLE), Database::on(&cluster));
    database.psql("CREATE TABLE mine (id int);");
    let output = load(&project).args(["--dev-url", database.url()]).run().success();
    assert_eq!(output.stdout, TABLE);
    assert_eq!((database.ask(LEFT), database.ask("SELECT count(*) FROM mine")), (String::new(), "0".to_owned()));
}

#[test]
fn a_role_without_createdb_uses_the_database_of_dev_url_and_empties_it() {
    let cluster = cluster();
    let (project, database) = (Project::empty(), Database::on(&cluster));
    let everything = "CREATE SCHEMA app;\nCREATE TABLE app.t (id int PRIMARY KEY, m text);\nCREATE TYPE app.mood AS ENUM ('a');\n\
        CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\nCREATE VIEW v AS SELECT id FROM app.t;\n\
        CREATE STATISTICS s ON id, m FROM app.t;\nCREATE PUBLICATION p FOR TABLE app.t;\nCREATE EXTENSION pg_trgm;\n\
        CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int);\nCREATE DOMAIN d AS int CHECK (value > 0);\n\
        ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;\nGRANT SELECT ON app.t TO PUBLIC;\n\
        CREATE COLLATION c FROM \"C\";\nCREATE SEQUENCE q;\nCREATE MATERIALIZED VIEW w AS SELECT 1 AS one;\n\
        CREATE TABLE n (id int GENERATED ALWAYS AS IDENTITY, s serial);\n";
    project.write("schema.sql", everything);
    let (url, before) = (low_role(&database), database.objects());
    let output = load(&project).args(["--dev-url", &url]).run().success();
    assert!(output.stdout.contains("CREATE TABLE app.t (") && !output.stderr.contains("warning"), "{output}");
    assert_eq!(database.objects(), before);
    assert_eq!(database.ask("SELECT count(*) FROM pg_default_acl"), "0");
    // The same database serves two sources, and the next run.
    let both = ["diff", "--from", "schema.sql", "--to", "schema.sql", "--dev-url", &url];
    assert_eq!(project.run(cargo_migrate!()).args(both).run().success().stdout, "");
}

#[test]
fn a_database_that_is_not_empty_is_never_emptied() {
    let cluster = cluster();
    let (project, database) = (project(TABLE), Database::on(&cluster));
    let url = low_role(&database);
    database.psql("CREATE TABLE mine (id int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';");
    let output = load(&project).args(["--dev-url", &url]).run();
    insta::assert_snapshot!(output.clone().exit(4), @"
    exit 4
    --- stdout
    --- stderr
    error: postgres://low@127.0.0.1:[PORT]/[DATABASE] is not empty: it has the relation mine, the routine f
    note: the role low may not create databases, so the one of `--dev-url` would be used, and emptied
    help: give an empty database, or let the role make its own: ALTER ROLE low CREATEDB, as a superuser
    ");
    assert_eq!(database.ask("SELECT count(*) FROM mine"), "0");
}

#[test]
fn a_server_is_started_where_no_other_can_be_used() {
    let project = project("CREATE TABLE users (\n    id bigint\n);\nALTER TABLE users OWNER TO somebody;\n");
    // Root, whom PostgreSQL refuses, and everybody else.
    for as_root in [true, false] {
        let run = project.run(cargo_migrate!()).args(["diff", "--from", "empty", "--to", "schema.sql"]);
        let run = run.env("TMPDIR", temporary(&project));
        let output = if as_root { run } else { run.as_other_user() }.run().success();
        assert_eq!(output.stdout, TABLE);
        assert!(output.stderr.contains("Loading schema.sql into a temporary PostgreSQL "), "{output}");
        assert_eq!(left_in(&temporary(&project)), Vec::<PathBuf>::new());
    }
}

/// Many runs at once, on one server and on servers of their own.
#[test]
fn runs_do_not_disturb_each_other() {
    let cluster = cluster();
    let database = Database::on(&cluster);
    let project =
        project("CREATE ROLE one_for_all;\nCREATE TABLE users (id bigint);\nGRANT SELECT ON users TO one_for_all;\n");
    let own = || project.run(cargo_migrate!()).args(["dump", "schema.sql"]).env("TMPDIR", temporary(&project));
    let running: Vec<_> = (0..12).map(|n| if n < 10 { beside(&project, &database) } else { own() }.spawn()).collect();
    for process in running {
        assert_eq!(process.wait().success().stdout, TABLE);
    }
    assert_eq!(database.ask(LEFT), "");
    assert_eq!(database.ask("SELECT count(*) FROM pg_roles WHERE rolname = 'one_for_all'"), "0");
}

// With one inside the program there is always one.
#[cfg(not(feature = "embedded"))]
#[test]
fn where_none_can_be_made_each_way_says_why() {
    let cluster = cluster();
    let (project, database) = (project(TABLE), Database::on(&cluster));
    let url = low_role(&database);
    let output = load(&project).env("DATABASE_URL", &url).run().exit(4);
    insta::assert_snapshot!(output, @"
    exit 4
    --- stdout
    --- stderr
    error: there is no database to load a schema into, and none could be made
    note: a temporary database beside postgres://low@127.0.0.1:[PORT]/[DATABASE]: the role low may not create databases
    note: a PostgreSQL that is installed here: `MIGRATE_PG_BIN` names [DIR], which has no `initdb`
    note: the PostgreSQL inside this program: it was built without one
    help: name a server where your role may create databases, or an empty database, with `--dev-url URL`; install PostgreSQL here, as with `sudo apt-get install postgresql` or `brew install postgresql@17`; or have one inside this program: `cargo install cargo-migrate --features embedded`
    ");
}

#[test]
fn a_failure_leaves_nothing() {
    let cluster = cluster();
    let (project, database) = (project("CREATE TABLE users ();\nCREATE TABLE users ();\n"), Database::on(&cluster));
    insta::assert_snapshot!(beside(&project, &database).run(), @r#"
    exit 1
    --- stdout
    --- stderr
         Loading schema.sql into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    error: relation "users" already exists (SQLSTATE 42P07)
     --> schema.sql:2:1
      |
    2 | CREATE TABLE users ();
      | ^^^^^^
      |
      = note: this was loaded into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    "#);
    assert_eq!(database.ask(LEFT), "");
    let run = project.run(cargo_migrate!()).args(["diff", "--from", "empty", "--to", "schema.sql"]);
    let _ = run.env("TMPDIR", temporary(&project)).run().exit(1);
    assert_eq!(left_in(&temporary(&project)), Vec::<PathBuf>::new());
}

fn interrupted(signal: &str) -> (Output, String) {
    let cluster = cluster();
    let (project, database) = (project(SLEEP), Database::on(&cluster));
    let running = beside(&project, &database).spawn();
    while database.ask(SLEEPING) == "0" {
        std::thread::yield_now();
    }
    running.signal(signal);
    let output = running.wait();
    (output, database.ask(LEFT))
}

#[test]
fn ctrl_c_and_sigterm_leave_nothing() {
    let (output, left) = interrupted("INT");
    insta::assert_snapshot!(output.exit(130), @"
    exit 130
    --- stdout
    --- stderr
         Loading schema.sql into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    error: interrupted: what was made for this run is removed
    ");
    assert_eq!(left, "");
    let (output, left) = interrupted("TERM");
    let _ = output.exit(143);
    assert_eq!(left, "");
}

#[test]
fn a_database_that_was_given_is_emptied_after_an_interrupt_and_told_of_after_a_kill() {
    let cluster = cluster();
    let sleeping = project("BEGIN;\nCREATE TABLE users (id bigint);\nCOMMIT;\nSELECT pg_sleep(600);\n");
    let (project, database) = (project(TABLE), Database::on(&cluster));
    let (url, before) = (low_role(&database), database.objects());
    let end = |signal: &str, code: i32| {
        let running = load(&sleeping).args(["--dev-url", &url]).spawn();
        while database.ask(SLEEPING) == "0" {
            std::thread::yield_now();
        }
        running.signal(signal);
        let _ = running.wait().exit(code);
        database.end_orphans();
        while database.ask(SLEEPING) != "0" {
            std::thread::yield_now();
        }
    };
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        end(signal, code);
        assert_eq!(database.objects(), before);
        assert_eq!(database.ask("SELECT count(*) FROM pg_db_role_setting"), "0");
    }
    end("KILL", 137);
    while database.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") != "0" {
        std::thread::yield_now();
    }
    let next = || load(&project).args(["--dev-url", &url]).run();
    insta::assert_snapshot!(next().exit(4), @"
    exit 4
    --- stdout
    --- stderr
    error: postgres://low@127.0.0.1:[PORT]/[DATABASE] is not empty: it has the relation users
    note: a run that had loaded a schema into it was killed, and could not empty it again
    help: if nothing in it is to be kept, run this in it as low: DROP OWNED BY CURRENT_USER CASCADE; what was granted to the role there, if anything, is to be granted again
    ");
    database.psql("SET ROLE low; DROP OWNED BY CURRENT_USER CASCADE;");
    assert_eq!(next().success().stdout, TABLE);
    assert_eq!(database.ask("SELECT count(*) FROM pg_db_role_setting"), "0");
}

#[test]
fn a_password_in_dev_url_is_never_printed() {
    const PASSWORD: &str = "hunter2";
    let cluster = Cluster::start_own(Options::default().auth(Auth::Scram(PASSWORD.to_owned())));
    let (good, bad) = (project(TABLE), project("CREATE TABLE users (id bigint);\nSELECT 1 / 0;\n"));
    let database = Database::on(&cluster);
    let low = low_role(&database).replacen("//postgres:", "//low:", 1);
    database.psql(&format!("ALTER ROLE low PASSWORD '{PASSWORD}'"));
    let run = |project: &Project, url: &str| load(project).args(["-v", "--dev-url", url]).secret(PASSWORD).run();
    for url in [database.url(), &low] {
        assert!(url.contains(PASSWORD));
        assert_eq!(run(&good, url).success().stdout, TABLE);
        let _ = run(&bad, url).exit(1);
        let _ = run(&good, &url.replacen(PASSWORD, "not-hunter2-at-all", 1)).exit(4);
        let (before, _) = url.rsplit_once(':').expect("a URL with a port");
        let _ = run(&good, &format!("{before}:1/nobody_listens")).exit(4);
        let _ = run(&good, &url.replacen("postgres://", "mysql://", 1)).exit(2);
    }
    database.psql("CREATE TABLE mine (id int)");
    let output = run(&good, &low).exit(4);
    assert!(output.stderr.contains(" is not empty: "), "{output}");
}

#[test]
fn what_a_killed_run_leaves_is_dropped_by_the_next_one() {
    let cluster = cluster();
    let database = Database::on(&cluster);
    let sleeping = project("CREATE ROLE made_by_a_killed_run;\nSELECT pg_sleep(600);\n");
    let running = beside(&sleeping, &database).spawn();
    while database.ask(SLEEPING) == "0" {
        std::thread::yield_now();
    }
    // A run that lives keeps what it has.
    let _ = beside(&project(TABLE), &database).run().success();
    assert_ne!(database.ask(LEFT), "");
    running.signal("KILL");
    let _ = running.wait().exit(137);
    let roles = "SELECT count(*) FROM pg_roles WHERE rolname = 'made_by_a_killed_run'";
    assert_eq!(database.ask(roles), "1");
    // The server has noticed that the client is gone when the lock is free.
    while database.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") != "0" {
        std::thread::yield_now();
    }
    let _ = beside(&project(TABLE), &database).run().success();
    assert_eq!((database.ask(LEFT).as_str(), database.ask(roles).as_str()), ("", "0"));
}

#[test]
fn a_server_that_was_started_ends_with_the_run_however_that_ends() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("KILL", 137)] {
        let project = Project::empty();
        let marker = temporary(&project).join("marker");
        project.write("schema.sql", &format!("COPY (SELECT 1) TO '{}';\nSELECT pg_sleep(600);\n", marker.display()));
        let run = project.run(cargo_migrate!()).args(["diff", "--from", "empty", "--to", "schema.sql"]);
        let running = run.env("TMPDIR", temporary(&project)).spawn();
        while !marker.exists() {
            std::thread::yield_now();
        }
        running.signal(signal);
        let _ = running.wait().exit(code);
        fs::remove_file(&marker).expect("the marker");
        // After SIGKILL it is a child of the program that does it, and nobody waits for that.
        while signal == "KILL" && !left_in(&temporary(&project)).is_empty() {
            std::thread::yield_now();
        }
        assert_eq!(left_in(&temporary(&project)), Vec::<PathBuf>::new());
    }
}

#[test]
fn a_role_that_exists_is_what_the_file_asks_for_and_one_that_is_made_does_not_stay() {
    let cluster = cluster();
    let database = Database::on(&cluster);
    database.psql("CREATE ROLE there NOLOGIN; COMMENT ON ROLE there IS 'ours'; CREATE DATABASE shop;");
    let roles = "SELECT string_agg(concat_ws(' ', rolname, rolcanlogin, shobj_description(oid, 'pg_authid')), ',' \
        ORDER BY rolname) FROM pg_roles WHERE rolname !~ '^pg_'";
    let before = database.ask(roles);
    let project = project(
        "CREATE ROLE there LOGIN;\nALTER ROLE there LOGIN;\nCREATE ROLE \"New\";\nGRANT there TO \"New\";\n\
         COMMENT ON ROLE there IS 'theirs';\nCREATE TABLE t (id int);\nGRANT SELECT ON t TO there, \"New\";\n\
         DO $$\nBEGIN\n    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'inner_one') THEN\n\
         \x20       CREATE ROLE inner_one;\n    END IF;\nEND\n$$;\nGRANT SELECT ON t TO inner_one;\n\
         ALTER DATABASE shop SET work_mem TO '1GB';\nGRANT CONNECT ON DATABASE shop TO there;\n",
    );
    insta::assert_snapshot!(beside(&project, &database).run(), @"
    exit 0
    --- stdout
    CREATE TABLE t (
        id integer
    );
    --- stderr
         Loading schema.sql into a temporary database beside postgres://postgres@127.0.0.1:[PORT]/[DATABASE]
    note: schema.sql:1 and 4 more: passed over, since it concerns roles that are there or a database by name, and no schema
    ");
    assert_eq!(database.ask(roles), before);
    project.write("dropping.sql", "DROP ROLE IF EXISTS there;\nCREATE ROLE there;\nCREATE TABLE t (id int);\n");
    let run = project.run(cargo_migrate!()).args(["dump", "dropping.sql"]).env("DATABASE_URL", database.url());
    let _ = run.run().success();
    assert_eq!(database.ask(roles), before);
    assert_eq!(database.ask("SELECT count(*) FROM pg_db_role_setting"), "0");
    // On a server that was started for it they need not be there, and each of two sources may make them.
    let run = project.run(cargo_migrate!()).args(["diff", "--from", "schema.sql", "--to", "schema.sql"]);
    assert_eq!(run.run().success().stdout, "");
}

#[test]
fn what_reaches_beyond_the_database_is_refused() {
    let (project, database) = (Project::empty(), Database::new());
    for statement in ["CREATE DATABASE other", "ALTER SYSTEM SET work_mem TO '1GB'", "DROP OWNED BY CURRENT_USER"] {
        project.write("schema.sql", &format!("SELECT 1;\n{statement};\n"));
        let output = beside(&project, &database).run().exit(1);
        assert!(output.stderr.contains("reaches beyond the database, and a schema does not"), "{output}");
        assert!(output.stderr.contains("--> schema.sql:2:1"), "{output}");
    }
}

/// A folder in which the account of the server can make files, whoever runs the tests.
fn temporary(project: &Project) -> PathBuf {
    project.make_folder("tmp");
    let folder = project.path("tmp");
    for (path, mode) in [(project.folder(), 0o755), (folder.as_path(), 0o777)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a folder of the test's own");
    }
    folder
}

fn left_in(folder: &PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of the test's own");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}
