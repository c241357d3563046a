//! A database for each test: copies of one template, made once, and nothing left behind.

mod leftovers;
mod refusals;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use migrate_runtime::table::{Action, Checksum, Migration, RustScript, Script, Span};
use migrate_runtime::testing::{Template, TestDatabase};
use migrate_runtime::{Migrations, Options, VersionTable};
use migrate_tests::{Cluster, Command, Process};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

/// Nothing here takes that long.
const LIMIT: Duration = Duration::from_secs(60);

/// A server that logs who makes what. Each test has a package of its own on it.
fn cluster() -> &'static Cluster {
    static CLUSTER: LazyLock<Cluster> =
        LazyLock::new(|| Cluster::start_own(migrate_tests::Options::default().setting("log_statement", "ddl")));
    &CLUSTER
}

/// A table of one revision.
fn table(package: &'static str, up: &'static str) -> Migrations {
    let script = Script::new("up.sql", up, vec![Span::new(0, up.len())].leak());
    let revision = Migration::new("1", "first", [Checksum::of(up); 2], Action::Sql(script));
    Migrations::new(package, vec![revision].leak())
}

fn users(package: &'static str) -> Migrations {
    table(package, "CREATE TABLE users (email text PRIMARY KEY)")
}

fn template(migrations: &Migrations) -> Template {
    Template::new(migrations).url(cluster().maintenance_url())
}

/// The first value of what a query returns there, as text.
async fn ask_on(options: &PgConnectOptions, query: &str) -> String {
    let mut conn = options.connect().await.unwrap();
    let answer: Option<String> = sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    answer.unwrap_or_default()
}

async fn ask(query: &str) -> String {
    ask_on(&cluster().maintenance_url().parse().unwrap(), query).await
}

/// The databases whose names begin so, by name.
async fn databases(beginning: &str) -> Vec<String> {
    let query = format!(
        "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE starts_with(datname, '{beginning}')"
    );
    ask(&query).await.split_whitespace().map(str::to_owned).collect()
}

/// Asks the server until the databases whose names begin so are so many.
async fn wait_for(beginning: &str, number: usize) -> Vec<String> {
    let begun = Instant::now();
    loop {
        let found = databases(beginning).await;
        if found.len() == number {
            return found;
        }
        assert!(begun.elapsed() < LIMIT, "{found:?} are not {number}");
    }
}

async fn add(database: &TestDatabase, email: &str) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO users VALUES ($1)").bind(email).execute(database.pool()).await.map(|_| ())
}

/// A test program that gets two databases in each of its threads.
fn program(package: &str, n_threads: usize) -> Command {
    let command = Command::new(env!("CARGO_BIN_EXE_testing-under-test")).args([package, &n_threads.to_string()]);
    command.env("DATABASE_URL", cluster().maintenance_url()).folder(std::env::temp_dir())
}

/// How often this was logged.
fn n_logged(text: &str) -> usize {
    cluster().log().matches(text).count()
}

#[tokio::test]
async fn each_test_has_a_database_of_its_own() {
    let template = template(&users("isolated"));
    let (first, second) = (template.database().await.unwrap(), template.database().await.unwrap());
    add(&first, "ada@example.com").await.unwrap();
    add(&second, "ada@example.com").await.unwrap();
    assert!(add(&second, "ada@example.com").await.is_err());
    assert_ne!(first.name(), second.name());
    let count = "SELECT count(*)::text FROM users, migrate_revisions";
    assert_eq!(ask_on(first.options(), count).await, "1");
    assert_eq!(ask_on(&second.url().parse().unwrap(), count).await, "1");
    // Who looks at it sees no password, and which one it is.
    assert_eq!(format!("{first:?}"), format!("TestDatabase {{ name: {:?}, .. }}", first.name()));

    drop(first);
    second.close().await.unwrap();
    assert_eq!(databases("migrate_test_isolated_").await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_goes_after_a_panic_and_with_sessions_in_it() {
    let template = template(&users("panicking"));
    let held = template.database().await.unwrap();
    let mut connection = held.pool().acquire().await.unwrap();
    let other = held.options().connect().await.unwrap();
    drop(held);
    assert!(sqlx::query("SELECT 1").execute(&mut *connection).await.is_err());
    drop(other);

    let panics = tokio::spawn(async move {
        let database = template.database().await.unwrap();
        add(&database, "ada@example.com").await.unwrap();
        panic!("the test fails");
    });
    assert!(panics.await.unwrap_err().is_panic());
    assert_eq!(databases("migrate_test_panicking_").await, [""; 0]);
}

#[tokio::test]
async fn a_database_that_nobody_waits_for_any_more_goes_too() {
    let template = template(&users("cancelled"));
    for _ in 0..5 {
        let mut request = Box::pin(template.database());
        // Polled once: it is under way on the thread that makes databases.
        assert!(poll_once(&mut request).await.is_none());
        drop(request);
    }
    let last = template.database().await.unwrap();
    assert_eq!(wait_for("migrate_test_cancelled_", 1).await, [last.name()]);
}

async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| match std::pin::Pin::new(&mut *future).poll(context) {
        std::task::Poll::Ready(output) => std::task::Poll::Ready(Some(output)),
        std::task::Poll::Pending => std::task::Poll::Ready(None),
    })
    .await
}

#[tokio::test]
async fn many_processes_and_threads_make_the_template_once() {
    let processes: Vec<Process> = (0..12).map(|_| program("stampede", 4).spawn()).collect();
    for process in processes {
        let _ = process.wait().success();
    }
    let [template] = &databases("migrate_template_stampede_").await[..] else { panic!("one template") };
    assert_eq!(databases("migrate_test_stampede_").await, [""; 0]);
    assert_eq!(n_logged(&format!("RENAME TO \"{template}\"")), 1);
    // Twelve times four times two copies, and the one that became the template.
    assert_eq!(n_logged("CREATE DATABASE \"migrate_test_stampede_"), 97);
    assert_eq!(n_logged(&format!("TEMPLATE \"{template}\"")), 96);
}

#[tokio::test]
async fn packages_have_templates_of_their_own() {
    let (shop, billing) = (users("Two-Shop"), table("two-billing", "CREATE TABLE invoices ()"));
    let (shop, billing) = (template(&shop), template(&billing));
    let (shop, billing) = tokio::join!(shop.database(), billing.database());
    let (shop, billing) = (shop.unwrap(), billing.unwrap());
    let tables = "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(ask_on(shop.options(), tables).await, "migrate_revisions users");
    assert_eq!(ask_on(billing.options(), tables).await, "invoices migrate_revisions");
    assert_eq!(databases("migrate_template_two_").await.len(), 2);
}

#[tokio::test]
async fn options_and_fixtures_are_part_of_a_template() {
    let migrations = users("seeded");
    let ada = "INSERT INTO users VALUES ('ada@example.com'); INSERT INTO users VALUES ('bob@example.com')";
    let elsewhere = VersionTable::new("public", "applied").unwrap();
    let seeded = template(&migrations).options(Options::default().version_table(elsewhere)).fixture(ada);
    let database = seeded.fixture("DELETE FROM users WHERE email ~ 'bob'").database().await.unwrap();
    let plain = template(&migrations).database().await.unwrap();
    let count = "SELECT concat((SELECT count(*) FROM users), to_regclass('applied'))";
    assert_eq!(ask_on(database.options(), count).await, "1applied");
    assert_eq!(ask_on(plain.options(), count).await, "0");
}

#[tokio::test]
async fn nobody_is_let_into_a_template_and_one_that_is_dropped_is_made_again() {
    let template = template(&users("dropped"));
    drop(template.database().await.unwrap());
    let [name] = &databases("migrate_template_dropped_").await[..] else { panic!("one template") };
    let error = options_of_maintenance().database(name).connect().await.unwrap_err().to_string();
    assert!(error.contains("is not currently accepting connections"), "{error}");

    let mut conn = options_of_maintenance().connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("DROP DATABASE {name}"))).execute(&mut conn).await.unwrap();
    add(&template.database().await.unwrap(), "ada@example.com").await.unwrap();
    assert_eq!(databases("migrate_template_dropped_").await, [name.as_str()]);
}

fn options_of_maintenance() -> PgConnectOptions {
    cluster().maintenance_url().parse().unwrap()
}

#[tokio::test]
async fn rust_revisions_are_applied_too() {
    let up =
        RustScript::new("up.rs", |cx| Box::pin(async move { cx.execute("CREATE TABLE users (email text)").await }));
    let revision = Migration::new("1", "first", [Checksum::new([1; 32]); 2], Action::Rust(up));
    let database = template(&Migrations::new("rusty", vec![revision].leak())).database().await.unwrap();
    add(&database, "ada@example.com").await.unwrap();
}
