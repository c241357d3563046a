//! Servers that cannot do what is asked of them: one that may only be read, and one without room.

use migrate_runtime::{Error, Verdict};
use migrate_tests::{Cluster, Database, Options as ServerOptions, Shutdown, cargo_migrate};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use std::time::{Duration, Instant};

use super::folder::Folder;

/// Waits until the standby has what the primary has.
async fn catch_up(primary: &Database<'_>, standby: &Cluster) {
    let begun = Instant::now();
    let place = primary.ask("SELECT pg_current_wal_lsn()::text");
    let options: PgConnectOptions = standby.maintenance_url().parse().unwrap();
    let mut conn = options.connect().await.unwrap();
    let query = format!("SELECT pg_last_wal_replay_lsn() >= '{place}'");
    while !sqlx::query_scalar::<_, bool>(AssertSqlSafe(query.clone())).fetch_one(&mut conn).await.unwrap() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{place} does not arrive: {}", standby.log());
    }
}

#[tokio::test]
async fn on_a_standby_a_binary_starts_when_nothing_is_pending() {
    let primary = Cluster::start_own(ServerOptions::default());
    let standby = primary.start_standby();
    let folder = Folder::of_three_tables();
    let database = Database::on(&primary);
    let replica = database.seen_by(&standby);
    catch_up(&database, &standby).await;

    // Nothing is there yet, and nothing can be made.
    let error = folder.table().upgrade(&replica.options()).await.unwrap_err();
    assert!(matches!(error, Error::ReadOnly { .. }), "{error}");

    folder.table().upgrade(&database.options()).await.unwrap();
    catch_up(&database, &standby).await;
    assert_eq!(folder.table().upgrade(&replica.options()).await.unwrap().steps, []);
    assert_eq!(folder.table().upgrade(&replica.pool()).await.unwrap().steps, []);
    assert_eq!(folder.table().verify(&replica.options()).await.unwrap(), Verdict::UpToDate);

    for header in ["--! transaction: none\n", ""] {
        folder.write("r4", "up.sql", &format!("--! Four.\n--!\n--! parent: r3\n{header}\nCREATE TABLE t4 ();\n"));
        let error = folder.table().upgrade(&replica.options()).await.unwrap_err();
        let expected = "revision r4 is pending, and the server can only be read: it is a standby; upgrade through its \
            primary, or wait for that with `wait_until_current`";
        assert_eq!(error.to_string(), expected, "{header}");
    }
    let pending = vec!["r4".to_owned()];
    assert_eq!(folder.table().verify(&replica.options()).await.unwrap(), Verdict::Pending { revisions: pending });
    let output = cargo_migrate!().args(["--dir", "migrations", "-p", "app", "upgrade"]).folder(folder.place());
    let output = output.env("DATABASE_URL", replica.url()).run().exit(4);
    assert!(output.stderr.contains("give the primary's host"), "{output}");
}

/// Rows that fill more than 4 MiB and less than 8, and an index over them that fills more than 8.
const FULL: &str = "CREATE TABLE big AS SELECT g, (SELECT string_agg(md5((g * 100 + n)::text), '') FROM \
    generate_series(1, 30) AS n) AS text FROM generate_series(1, 6000) AS g";

const SLEEPING: &str = "SELECT count(*)::text FROM pg_stat_activity WHERE wait_event = 'PgSleep'";

async fn asleep(database: &Database<'_>) {
    let begun = Instant::now();
    while database.ask(SLEEPING) != "1" {
        assert!(begun.elapsed() < Duration::from_secs(60), "no revision came to its sleep");
    }
}

/// A script that sleeps the first time it is run, and not again.
const ONCE: &str = "CREATE TABLE t (a int);\nSELECT pg_sleep(CASE WHEN nextval('turns') = 1 THEN 600 ELSE 0 END);";

/// What `systemctl restart postgresql` does: the server ends all sessions as an administrator would.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_after_the_server_was_restarted() {
    for header in ["", "--! transaction: none\n"] {
        let cluster = Cluster::start_own(ServerOptions::default());
        let database = Database::on(&cluster);
        let _ = database.ask("CREATE SEQUENCE turns");
        let mut folder = Folder::new();
        folder.add_with("r1", header, ONCE, None);
        let (table, options) = (folder.table(), database.options());
        let run = tokio::spawn(async move { table.upgrade(&options).await });
        asleep(&database).await;
        cluster.stop(Shutdown::Fast);
        cluster.start();
        assert_eq!(run.await.unwrap().unwrap().steps.len(), 1, "{header}");
        assert_eq!(database.ask("SELECT string_agg(revision, ',') FROM migrate_revisions"), "r1", "{header}");
    }
}

/// The same code of the same server that goes on: somebody wants the run to end.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_an_administrator_ends_ends_the_run() {
    let cluster = Cluster::start_own(ServerOptions::default());
    let database = Database::on(&cluster);
    let _ = database.ask("CREATE SEQUENCE turns");
    let mut folder = Folder::new();
    folder.add("r1", ONCE, None);
    let (table, options) = (folder.table(), database.options());
    let run = tokio::spawn(async move { table.upgrade(&options).await });
    asleep(&database).await;
    let _ = database.ask("SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    let error = run.await.unwrap().unwrap_err().to_string();
    assert!(error.contains("terminating connection due to administrator command"), "{error}");
}

const IS_VALID: &str = "SELECT indisvalid::text FROM pg_index WHERE indexrelid = 'i'::regclass";

#[tokio::test]
async fn what_a_full_disk_has_stopped_goes_on_when_there_is_room() {
    let cluster = Cluster::start_own(ServerOptions::default().full());
    let mut folder = Folder::new();
    folder.add("r1", &format!("CREATE TABLE small ();\n{FULL};\nINSERT INTO big SELECT * FROM big;"), None);
    let mut other = Folder::new();
    other.add("r1", &format!("{FULL};"), None);
    let up = "CREATE TABLE before ();\nCREATE INDEX CONCURRENTLY i ON big ((text || reverse(text)));\nCREATE TABLE after ();";
    other.add_with("r2", "--! transaction: none\n", up, None);

    let database = Database::on(&cluster);
    let error = folder.table().upgrade(&database.options()).await.unwrap_err().to_string();
    assert!(error.starts_with("revision r1 failed at migrations/r1_r1x/up.sql:7:1: could not extend file"), "{error}");
    assert_eq!(database.ask("SELECT count(*)::text FROM pg_class WHERE relname IN ('small', 'big')"), "0");
    let apart = Database::on(&cluster);
    let error = other.table().upgrade(&apart.options()).await.unwrap_err().to_string();
    assert!(error.starts_with("revision r2 failed at migrations/r2_r2x/up.sql:7:1: could not"), "{error}");
    assert_eq!(apart.ask(IS_VALID), "false");

    cluster.make_room();
    assert_eq!(folder.table().upgrade(&database.options()).await.unwrap().steps.len(), 1);
    assert_eq!(database.ask("SELECT count(*)::text FROM big"), "12000");
    assert_eq!(other.table().upgrade(&apart.options()).await.unwrap().steps.len(), 1);
    assert_eq!(apart.ask(IS_VALID), "true");
    assert_eq!(apart.ask("SELECT to_regclass('after')::text"), "after");
}
