//! Through PgBouncer: in session mode all is as without it, in transaction mode a session is nobody's own.

use migrate_runtime::Verdict;
use migrate_tests::{Bouncer, Database, PoolMode, embedded};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Row as _};

use super::folder::Folder;

const MODES: [PoolMode; 2] = [PoolMode::Session, PoolMode::Transaction];

fn database() -> Database<'static> {
    let database = Database::new();
    let _ = database.ask(include_str!("../../../data/faults/log.sql"));
    database
}

fn through(bouncer: &Bouncer) -> PgConnectOptions {
    bouncer.url().parse().unwrap()
}

#[tokio::test]
async fn transactional_revisions_go_up_and_down() {
    let (direct, table) = (database(), embedded("transactional"));
    table.upgrade(&direct.options()).await.unwrap();
    for mode in MODES {
        let database = database();
        let bouncer = Bouncer::start(&database, mode, 2);
        let options = through(&bouncer);
        assert_eq!(table.upgrade(&options).await.unwrap().steps.len(), 3, "{mode:?}");
        assert_eq!(database.objects(), direct.objects(), "{mode:?}");
        assert_eq!(database.version_rows(), direct.version_rows(), "{mode:?}");
        assert_eq!(table.upgrade(&options).await.unwrap().steps, [], "{mode:?}");
        assert_eq!(table.verify(&options).await.unwrap(), Verdict::UpToDate, "{mode:?}");
        assert_eq!(table.downgrade_to(&options, "base").await.unwrap().steps.len(), 3, "{mode:?}");
        assert_eq!(database.psql("SELECT count(*) FROM migrate_revisions"), "0\n", "{mode:?}");
    }
}

#[tokio::test]
async fn of_many_starters_each_revision_is_applied_by_one() {
    for mode in MODES {
        let database = database();
        let bouncer = Bouncer::start(&database, mode, 4);
        let mut starters = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let options = through(&bouncer);
            starters.spawn(async move {
                embedded("transactional").upgrade(&options).await.map(|report| report.steps.len())
            });
        }
        let n_steps: Result<Vec<usize>, _> = starters.join_all().await.into_iter().collect();
        assert_eq!(n_steps.unwrap().into_iter().sum::<usize>(), 3, "{mode:?}");
        let log = "SELECT string_agg(what, ', ' ORDER BY at) FROM log";
        assert_eq!(database.ask(log), "r1 up, r2 up, r3 up", "{mode:?}");
    }
}

/// What PgBouncer may be told to ignore: where that is everything, the look for a pooler is not refused but goes unanswered.
const IGNORED: [&str; 2] = ["extra_float_digits", "extra_float_digits, options"];

#[tokio::test]
async fn in_session_mode_a_script_without_a_transaction_works() {
    // One connection to the server is that of the run, and then nobody else gets one.
    for (n_connections, ignored) in [(4, IGNORED[0]), (4, IGNORED[1]), (1, IGNORED[0]), (2, IGNORED[0])] {
        let (database, table) = (database(), embedded("concurrent"));
        let bouncer = Bouncer::ignoring(&database, PoolMode::Session, n_connections, ignored);
        let options = through(&bouncer);
        table.upgrade(&options).await.unwrap();
        let valid = "SELECT count(*) FROM pg_index WHERE indisvalid AND indrelid = 'items'::regclass";
        assert_eq!(database.psql(valid), "2\n");
        table.downgrade_to(&options, "base").await.unwrap();
        assert_eq!(database.psql("SELECT count(*) FROM migrate_revisions"), "0\n");
    }
}

#[tokio::test]
async fn in_transaction_mode_a_script_without_a_transaction_is_refused() {
    for ignored in IGNORED {
        let (database, table) = (database(), embedded("concurrent"));
        let bouncer = Bouncer::ignoring(&database, PoolMode::Transaction, 2, ignored);
        let error = table.upgrade(&through(&bouncer)).await.unwrap_err().to_string();
        assert!(error.contains("direct URL"), "{ignored}: {error}");
        assert_eq!(database.ask("SELECT string_agg(revision, ', ') FROM migrate_revisions"), "r1", "{ignored}");
    }
}

/// Whoever comes first, on whichever connection, and however busy the pooler is: nothing is begun, and no lock and no
/// setting stays on a connection that the next client gets.
#[tokio::test(flavor = "multi_thread")]
async fn in_transaction_mode_many_starters_begin_nothing_and_leave_nothing() {
    // With one connection each that compares waits for itself, so there are few.
    for (n_connections, n_starters) in [(1, 2), (2, 3), (3, 16), (16, 16)] {
        let database = database();
        let bouncer = Bouncer::start(&database, PoolMode::Transaction, n_connections);
        let traffic = traffic(&bouncer);
        let mut starters = tokio::task::JoinSet::new();
        for _ in 0..n_starters {
            let options = through(&bouncer);
            starters
                .spawn(async move { embedded("stepwise").upgrade(&options).await.map_err(|error| error.to_string()) });
        }
        for end in starters.join_all().await {
            assert!(end.as_ref().is_err_and(|error| error.contains("direct URL")), "{n_connections}: {end:?}");
        }
        drop(traffic);
        assert_eq!(database.ask("SELECT string_agg(what, ', ' ORDER BY at) FROM log"), "r1 up", "{n_connections}");
        assert_eq!(database.ask("SELECT string_agg(revision, ', ') FROM migrate_revisions"), "r1", "{n_connections}");
        let locks = "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM \
            pg_database WHERE datname = current_database())";
        assert_eq!(database.ask(locks), "0", "{n_connections}");
    }
}

/// An application's clients, with short transactions through the same pooler, until the set is dropped.
fn traffic(bouncer: &Bouncer) -> tokio::task::JoinSet<()> {
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let options = through(bouncer);
        clients.spawn(async move {
            let mut client = options.connect().await.unwrap();
            loop {
                sqlx::raw_sql("BEGIN; SELECT 1; COMMIT").execute(&mut client).await.unwrap();
            }
        });
    }
    clients
}

/// The connection to the server that a script has set something on is the next client's.
#[tokio::test]
async fn what_a_script_sets_does_not_reach_the_next_client() {
    let mut folder = Folder::new();
    let up =
        "CREATE SCHEMA hidden; SET search_path = hidden; SET statement_timeout = '7s'; CREATE TEMP TABLE left_over ();";
    folder.add("r1", up, Some("SET search_path = public; SELECT 1;"));
    for mode in MODES {
        let database = database();
        let bouncer = Bouncer::start(&database, mode, 1);
        let options = through(&bouncer);
        folder.table().upgrade(&options).await.unwrap();
        let mut client = options.connect().await.unwrap();
        let seen = "SELECT current_setting('search_path'), current_setting('statement_timeout'), to_regclass('left_over')::text";
        let row = sqlx::raw_sql(seen).fetch_one(&mut client).await.unwrap();
        let found: (String, String, Option<String>) = (row.get(0), row.get(1), row.get(2));
        assert_eq!(found, ("\"$user\", public".to_owned(), "0".to_owned(), None), "{mode:?}");
        let settings = "SELECT coalesce(string_agg(name || ' = ' || setting, ', ' ORDER BY name), '') FROM pg_settings \
            WHERE source = 'session' AND name NOT LIKE 'transaction%'";
        let row = sqlx::raw_sql(settings).fetch_one(&mut client).await.unwrap();
        let all: String = row.get(0);
        assert_eq!(all, "", "{mode:?}");
    }
}
