//! What a test is told when it gets no database.

use std::time::Instant;

use migrate_runtime::Migrations;
use migrate_runtime::table::{Action, Checksum, Migration, RustScript, Transaction};
use migrate_runtime::testing::{Error, Template};
use migrate_tests::{Auth, Cluster, Command, Options, Project};
use sqlx::{AssertSqlSafe, ConnectOptions as _};

use super::{LIMIT, ask, cluster, databases, options_of_maintenance, program, table, template, users};

#[tokio::test]
async fn a_revision_that_fails_says_so_and_leaves_nothing() {
    let template = template(&table("failing", "CREATE TABLE a AS SELECT b"));
    let expected = "revision 1 failed at up.sql:1:26: column \"b\" does not exist (SQLSTATE 42703)
  |
1 | CREATE TABLE a AS SELECT b
  |                          ^";
    for _ in 0..2 {
        let error = template.database().await.unwrap_err();
        assert!(matches!(error, Error::Revisions(_)), "{error}");
        assert_eq!(error.to_string(), expected);
    }
    let failing = template.fixture("SELECT 1");
    let (one, two) = tokio::join!(failing.database(), failing.database());
    assert_eq!([one, two].map(|end| end.unwrap_err().to_string()), [expected; 2]);
    assert_eq!(databases("migrate_test_failing_").await, [""; 0]);
    assert_eq!(databases("migrate_template_failing_").await, [""; 0]);
}

#[tokio::test]
async fn a_fixture_that_fails_says_so_and_leaves_nothing() {
    let error = template(&users("unseeded")).fixture("SELECT 1").fixture("SELECT b").database().await.unwrap_err();
    assert_eq!(error.to_string(), "fixture 2 of the template failed: column \"b\" does not exist (SQLSTATE 42703)");
    assert_eq!(databases("migrate_test_unseeded_").await, [""; 0]);
    assert_eq!(databases("migrate_template_unseeded_").await, [""; 0]);
}

#[tokio::test]
async fn a_revision_that_panics_panics_in_the_test_and_leaves_nothing() {
    let up = RustScript::new("up.rs", |_| Box::pin(async { panic!("a revision's own mistake") }));
    let action = Action::Rust(up.transaction(Transaction::None));
    let revision = Migration::new("1", "first", [Checksum::new([1; 32]); 2], action);
    let template = template(&Migrations::new("panics", vec![revision].leak()));
    for _ in 0..2 {
        let template = template.clone();
        let end = tokio::spawn(async move { template.database().await.map(|_| ()) }).await;
        assert!(end.unwrap_err().is_panic());
        assert_eq!(databases("migrate_test_panics_").await, [""; 0]);
    }
    // Other processes do not wait for it: what other tests hold at this moment, they give back.
    let held = "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'";
    let begun = Instant::now();
    while ask(held).await != "0" {
        assert!(begun.elapsed() < LIMIT, "the lock is left behind");
    }
}

#[tokio::test]
async fn a_role_needs_the_right_to_make_databases_and_no_other() {
    let mut conn = options_of_maintenance().connect().await.unwrap();
    let roles = "CREATE ROLE \"Plain\" LOGIN; CREATE ROLE maker LOGIN CREATEDB; \
                 ALTER ROLE maker SET statement_timeout = '1s'; ALTER ROLE maker SET default_transaction_read_only = on";
    sqlx::raw_sql(AssertSqlSafe(roles)).execute(&mut conn).await.unwrap();
    let url = |role: &str| cluster().maintenance_url().replace("//postgres@", &format!("//{role}@"));
    let migrations = table("rights", "CREATE SCHEMA mine");
    let error = Template::new(&migrations).url(url("Plain")).database().await.unwrap_err().to_string();
    let expected = "the role \"Plain\" may not create databases, and each test needs one: run `ALTER ROLE \"Plain\" CREATEDB` \
        as an administrator of the server, or give another role in `DATABASE_URL`";
    assert_eq!(error, expected);
    // Each role has a template of its own, as it could not copy that of another.
    for role in ["postgres", "maker"] {
        let database = Template::new(&migrations).url(url(role)).database().await.unwrap();
        let mut session = database.options().connect().await.unwrap();
        assert!(sqlx::query("SELECT 1").execute(&mut session).await.is_ok());
        database.close().await.unwrap();
    }
    assert_eq!(databases("migrate_template_rights_").await.len(), 2);
    assert_eq!(databases("migrate_test_rights_").await, [""; 0]);
}

/// A program that is told of no server, in a folder with this `.env` file.
fn elsewhere(project: &Project) -> Command {
    Command::new(env!("CARGO_BIN_EXE_testing-under-test")).args(["elsewhere", "1"]).folder(project.folder())
}

#[test]
fn the_server_comes_from_the_environment_or_from_a_file() {
    let project = Project::empty();
    let output = elsewhere(&project).run().exit(1);
    let expected = "error: `DATABASE_URL` is not set, and no `.env` file sets it: tests get their databases on the PostgreSQL \
        server that it names; set it, as in `DATABASE_URL=postgres://postgres@localhost/postgres`\n";
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), (expected, ""));

    project.write(".env", "DATABASE_URL=a 'b hunter2\n");
    let output = elsewhere(&project).secret("hunter2").run().exit(1);
    assert!(output.stdout.starts_with("error: the `.env` file cannot be read"), "{output}");

    project.write(".env", &format!("DATABASE_URL={}\n", cluster().maintenance_url()));
    assert_eq!(elsewhere(&project).run().success().stdout, "");
}

#[test]
fn a_server_that_is_away_and_a_url_that_is_none_say_so_without_the_password() {
    let told = |url: &str| program("away", 1).env("DATABASE_URL", url).secret("hunter2").run().exit(1).stdout;
    let away = told("postgres://me:hunter2@127.0.0.1:1/shop");
    let expected = "error: could not connect to the server for tests, me@127.0.0.1:1: error communicating with database: \
        Connection refused (os error 111); is PostgreSQL running there, and does `DATABASE_URL` name the right host, port, \
        role and password?\n";
    assert_eq!(away, expected);
    let none = told("postgres://me:hunter2@127.0.0.1:port/shop");
    assert!(none.starts_with("error: the URL of the server for tests cannot be read: "), "{none}");
}

#[test]
fn a_password_is_needed_and_never_shown() {
    let cluster = Cluster::start_own(Options::default().auth(Auth::Scram("hunter2".to_owned())));
    let _ = program("secret", 1).env("DATABASE_URL", cluster.maintenance_url()).secret("hunter2").run().success();
    let wrong = cluster.maintenance_url().replace("hunter2", "hunter3");
    let output = program("secret", 1).env("DATABASE_URL", wrong).secret("hunter3").run().exit(1);
    assert!(output.stdout.contains("password authentication failed for user \"postgres\""), "{output}");
}

#[tokio::test]
async fn the_database_of_the_url_need_not_be_there() {
    let url = cluster().url("not_made_yet");
    let database = Template::new(&users("homeless")).url(url).database().await.unwrap();
    assert_eq!(database.url(), cluster().url(database.name()));
}
