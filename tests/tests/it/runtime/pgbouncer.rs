//! Through PgBouncer: in session mode all is as without it, in transaction mode a session is nobody's own.

use std::time::Duration;

use migrate_runtime::{Options, Verdict};
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

#[tokio::test]
async fn in_session_mode_a_script_without_a_transaction_works() {
    let (database, table) = (database(), embedded("concurrent"));
    let bouncer = Bouncer::start(&database, PoolMode::Session, 2);
    let options = through(&bouncer);
    table.upgrade(&options).await.unwrap();
    let valid = "SELECT count(*) FROM pg_index WHERE indisvalid AND indrelid = 'items'::regclass";
    assert_eq!(database.psql(valid), "2\n");
    table.downgrade_to(&options, "base").await.unwrap();
    assert_eq!(database.psql("SELECT count(*) FROM migrate_revisions"), "0\n");
}

#[tokio::test]
async fn in_transaction_mode_a_script_without_a_transaction_is_refused() {
    let (database, table) = (database(), embedded("concurrent"));
    let bouncer = Bouncer::start(&database, PoolMode::Transaction, 2);
    let error = table.upgrade(&through(&bouncer)).await.unwrap_err().to_string();
    assert!(error.contains("direct URL"), "{error}");
}

/// Whoever comes through first, and on whichever connection: nothing is done a second time.
#[tokio::test]
async fn in_transaction_mode_many_starters_do_nothing_twice() {
    let database = database();
    let bouncer = Bouncer::start(&database, PoolMode::Transaction, 6);
    let mut starters = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let options = through(&bouncer);
        starters.spawn(async move {
            let patience = Options::default().wait_timeout(Duration::from_secs(1));
            embedded("stepwise").with(patience).upgrade(&options).await.map_err(|error| error.to_string())
        });
    }
    for end in starters.join_all().await {
        let expected =
            |error: &String| error.contains("direct URL") || error.contains("could not get the migration lock");
        assert!(end.as_ref().err().is_none_or(expected), "{end:?}");
    }
    let log = database.ask("SELECT string_agg(what, ', ' ORDER BY at) FROM log");
    assert!("r1 up, r2 up, first, r2 up, last".starts_with(&log), "{log}");
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
