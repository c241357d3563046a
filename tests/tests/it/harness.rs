//! The test support itself: a server that starts and ends, databases, the proxy, cargo projects.

use migrate_tests::{Auth, Cluster, Command, Cut, Database, Options, Project, Proxy, Shutdown};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, Row};

#[tokio::test]
async fn a_database_is_fresh_and_gone_afterwards() {
    let first = Database::new();
    let second = Database::new();
    first.psql("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)");
    let row = sqlx::query("SELECT count(*) FROM t").fetch_one(&first.pool()).await.unwrap();
    assert_eq!(row.get::<i64, _>(0), 2);
    assert_eq!(second.psql("SELECT count(*) FROM pg_class WHERE relname = 't'"), "0\n");
    let name = first.name().to_owned();
    drop(first);
    assert_eq!(second.psql(&format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'")), "0\n");
}

#[test]
fn psql_stops_at_the_first_error_and_says_it() {
    let database = Database::new();
    let problem = database.try_psql("SELECT 1;\nSELECT nonsense;\nCREATE TABLE t ();").unwrap_err();
    assert!(problem.contains(r#"column "nonsense" does not exist"#), "{problem}");
    assert_eq!(database.psql("SELECT to_regclass('t') IS NULL"), "t\n");
}

#[test]
fn equal_databases_have_equal_catalogs() {
    let script = "CREATE TABLE t (a int PRIMARY KEY, b text DEFAULT 'x'); COMMENT ON TABLE t IS 'c';";
    let (one, other) = (Database::new(), Database::new());
    one.psql(script);
    assert_ne!(one.catalog(), other.catalog());
    other.psql(script);
    // Ours, and so no difference.
    other.psql("CREATE TABLE public.migrate_revisions (revision text)");
    assert_eq!(one.catalog(), other.catalog());
    assert!(one.catalog().contains("comment on table public.t: c"));
}

#[test]
fn a_cluster_of_its_own_stops_starts_and_leaves_nothing() {
    let cluster = Cluster::start_own(Options::default().setting("max_connections", "7"));
    let folder = cluster.socket_folder().to_owned();
    {
        let database = Database::on(&cluster);
        assert_eq!(database.psql("SHOW max_connections"), "7\n");
        database.psql("CREATE TABLE t (); CHECKPOINT");
        cluster.stop(Shutdown::Immediate);
        assert!(database.try_psql("SELECT 1").is_err());
        cluster.start();
        assert_eq!(database.psql("SELECT to_regclass('t')"), "t\n");
        assert!(cluster.log().contains("database system was not properly shut down"), "{}", cluster.log());
        cluster.stop(Shutdown::Fast);
    }
    drop(cluster);
    assert!(!folder.exists(), "{} is left", folder.display());
}

#[tokio::test]
async fn a_cluster_can_want_a_password() {
    let password = "p@ss/word";
    let cluster = Cluster::start_own(Options::default().auth(Auth::Scram(password.to_owned())));
    let database = Database::on(&cluster);
    assert_eq!(database.psql("SELECT 1"), "1\n");
    let wrong: PgConnectOptions = database.options().password("wrong");
    let error = wrong.connect().await.unwrap_err();
    assert!(error.to_string().contains("password authentication failed"), "{error}");
}

/// The support library is in this program, so a copy of the program is what can be killed: it starts a cluster, says
/// where, and waits for an input that never comes.
#[test]
fn a_killed_test_process_leaves_no_server() {
    const ROLE: &str = "MIGRATE_TEST_HARNESS_VICTIM";
    if std::env::var_os(ROLE).is_some() {
        let cluster = Cluster::start_own(Options::default());
        announce(&cluster);
        loop {
            std::thread::park();
        }
    }
    let victim = Command::new(std::env::current_exe().unwrap())
        .args(["harness::a_killed_test_process_leaves_no_server", "--exact", "--nocapture"])
        .env(ROLE, "1")
        .spawn();
    victim.wait_for_output("port ");
    victim.signal("KILL");
    let output = victim.wait();
    let said = output.stdout.lines().find_map(|line| line.split_once("port ")).unwrap().1;
    let (port, folder) = said.split_once(' ').unwrap();
    // The guardian works on its own now; it removes the folder last.
    let removed = Command::new("sh").args(["-c", r#"while [ -e "$0" ]; do sleep 0.05; done"#, folder]).run();
    assert_eq!(removed.code, 0);
    assert!(std::net::TcpStream::connect(("127.0.0.1", port.parse().unwrap())).is_err());
}

#[expect(clippy::print_stdout, reason = "this is how the two processes of the test talk")]
fn announce(cluster: &Cluster) {
    println!("port {} {}", cluster.port(), cluster.socket_folder().display());
}

#[tokio::test]
async fn the_proxy_counts_round_trips() {
    let database = Database::new();
    let proxy = Proxy::start(&database).await;
    let mut connection = PgConnection::connect(proxy.url()).await.unwrap();
    assert_eq!(proxy.take().messages(), 0, "the opening of a session is not counted");

    sqlx::raw_sql("SELECT 1").fetch_all(&mut connection).await.unwrap();
    let traffic = proxy.take();
    assert_eq!((traffic.round_trips(), traffic.connections[0].queries, traffic.connections[0].syncs), (1, 1, 0));
    assert_eq!(traffic.statements(), ["SELECT 1"]);

    sqlx::raw_sql("BEGIN; SELECT 1; SELECT 2; COMMIT").fetch_all(&mut connection).await.unwrap();
    assert_eq!(proxy.take().round_trips(), 1, "several statements in one message");

    // A statement with parameters is prepared and described first, then run.
    sqlx::query("SELECT $1::int").bind(1).fetch_all(&mut connection).await.unwrap();
    let traffic = proxy.take();
    assert_eq!((traffic.round_trips(), traffic.connections[0].queries, traffic.connections[0].syncs), (2, 0, 2));
    sqlx::query("SELECT $1::int").bind(1).fetch_all(&mut connection).await.unwrap();
    assert_eq!(proxy.take().round_trips(), 1, "prepared already");

    let mut second = PgConnection::connect(proxy.url()).await.unwrap();
    sqlx::raw_sql("SELECT 2").execute(&mut second).await.unwrap();
    let traffic = proxy.take();
    assert_eq!(traffic.connections.len(), 2);
    assert_eq!((traffic.connections[0].round_trips, traffic.connections[1].round_trips), (0, 1));
}

#[tokio::test]
async fn the_proxy_cuts_before_a_message_or_before_its_answer() {
    for (cut, expected) in [(Cut::Message(2), "1\n"), (Cut::Answer(2), "2\n")] {
        let database = Database::new();
        database.psql("CREATE TABLE t (a int)");
        let proxy = Proxy::start_cutting(&database, cut).await;
        let mut connection = PgConnection::connect(proxy.url()).await.unwrap();
        sqlx::raw_sql("INSERT INTO t VALUES (1)").execute(&mut connection).await.unwrap();
        let error = sqlx::raw_sql("INSERT INTO t VALUES (2)").execute(&mut connection).await.unwrap_err();
        assert!(matches!(error, sqlx::Error::Io(_)), "{cut:?}: {error}");
        assert_eq!(database.psql("SELECT max(a) FROM t"), expected, "{cut:?}");
        assert!(PgConnection::connect(proxy.url()).await.is_err(), "{cut:?}: it stays cut");
    }
}

#[tokio::test]
async fn the_proxy_holds_a_message_or_its_answer() {
    for (hold, expected) in [(Cut::Message(1), ""), (Cut::Answer(1), "1")] {
        let database = Database::new();
        database.psql("CREATE TABLE t (a int)");
        let proxy = Proxy::start_holding(&database, hold).await;
        let mut connection = PgConnection::connect(proxy.url()).await.unwrap();
        let insert =
            tokio::spawn(async move { sqlx::raw_sql("INSERT INTO t VALUES (1)").execute(&mut connection).await });
        proxy.held().await;
        assert_eq!(database.ask("SELECT max(a)::text FROM t"), expected, "{hold:?}");
        assert!(!insert.is_finished());
        proxy.release();
        insert.await.unwrap().unwrap();
        assert_eq!(database.ask("SELECT max(a)::text FROM t"), "1", "{hold:?}");
        assert!(proxy.is_answered(1));
    }
}

#[tokio::test]
async fn the_proxy_severs_what_it_holds_and_lets_later_connections_pass() {
    let database = Database::new();
    database.psql("CREATE TABLE t (a int)");
    let proxy = Proxy::start_holding(&database, Cut::Message(1)).await;
    let mut connection = PgConnection::connect(proxy.url()).await.unwrap();
    let insert = tokio::spawn(async move { sqlx::raw_sql("INSERT INTO t VALUES (1)").execute(&mut connection).await });
    proxy.held().await;
    proxy.sever();
    assert!(matches!(insert.await.unwrap().unwrap_err(), sqlx::Error::Io(_)));
    let mut connection = PgConnection::connect(proxy.url()).await.unwrap();
    sqlx::raw_sql("INSERT INTO t VALUES (2)").execute(&mut connection).await.unwrap();
    assert_eq!(database.ask("SELECT string_agg(a::text, ',') FROM t"), "2");
}

#[test]
fn a_project_is_built_and_run_without_the_network() {
    let project = Project::binary("harness-hello");
    project.cargo(&["build"]).run().success();
    let output = project.program("harness-hello").run().success();
    assert_eq!(output.to_string(), "exit 0\n--- stdout\nHello, world!\n--- stderr\n");
    let names: Vec<String> = project.files().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Cargo.toml", "src/main.rs"]);
}
