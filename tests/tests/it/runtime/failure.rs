//! Scripts that fail: nothing half-done, and a message that says where.

use std::time::Duration;

use migrate_runtime::{Error, Event, Options};
use migrate_tests::{Cut, Database, Proxy};

use super::folder::{Folder, Heard};

async fn refuse(up: &str) -> (String, Database<'static>) {
    let mut folder = Folder::new();
    folder.add("r1", "CREATE TABLE t (a int PRIMARY KEY);", None).add("r2", up, None);
    let database = Database::new();
    let error = folder.table().upgrade(&database.pool()).await.unwrap_err();
    assert!(matches!(error, Error::Statement(_)), "{error:?}");
    assert_eq!(database.psql("SELECT string_agg(revision, ',') FROM migrate_revisions"), "r1\n");
    (error.to_string(), database)
}

#[tokio::test]
async fn the_third_statement_fails_and_nothing_stays() {
    let (message, database) =
        refuse("CREATE TABLE u ();\nINSERT INTO t VALUES (1);\nINSERT INTO t\n  VALUES (1, 'é', nope);").await;
    insta::assert_snapshot!(message, @r#"
    revision r2 failed at migrations/r2_r2x/up.sql:8:19: column "nope" does not exist (SQLSTATE 42703)
      |
    8 |   VALUES (1, 'é', nope);
      |                   ^
    "#);
    assert_eq!(database.psql("SELECT to_regclass('u') IS NULL, count(*) FROM t"), "t|0\n");
}

#[tokio::test]
async fn an_error_without_a_position_points_at_its_statement() {
    let (message, _) = refuse("INSERT INTO t VALUES (7);\n  INSERT INTO t VALUES (7);").await;
    insta::assert_snapshot!(message, @r#"
    revision r2 failed at migrations/r2_r2x/up.sql:6:3: duplicate key value violates unique constraint "t_pkey" (SQLSTATE 23505)
      |
    6 |   INSERT INTO t VALUES (7);
      |   ^
      detail: Key (a)=(7) already exists.
      table: public.t
      constraint: t_pkey
    "#);
}

#[tokio::test]
async fn hints_and_context_are_passed_on() {
    let (message, _) = refuse("SELECT sqr(2);").await;
    assert!(message.contains("up.sql:5:8: function sqr(integer) does not exist"), "{message}");
    assert!(message.contains("hint: No function matches the given name and argument types"), "{message}");
    let (message, _) = refuse("DO $$ BEGIN PERFORM 1/0; END $$;").await;
    assert!(message.contains("context: SQL statement \"SELECT 1/0\""), "{message}");
}

#[tokio::test]
async fn a_syntax_error_is_found_where_it_is() {
    let (message, database) = refuse("CREATE TABLE u ();\nCREATE TABEL v ();").await;
    assert!(message.contains("up.sql:6:8: syntax error at or near \"TABEL\""), "{message}");
    assert_eq!(database.psql("SELECT to_regclass('u') IS NULL"), "t\n");
}

#[tokio::test]
async fn a_deferred_constraint_fails_at_the_commit() {
    let mut folder = Folder::new();
    folder.add(
        "r1",
        "CREATE TABLE p (a int PRIMARY KEY);
         CREATE TABLE c (a int REFERENCES p DEFERRABLE INITIALLY DEFERRED);
         INSERT INTO c VALUES (1);",
        None,
    );
    let database = Database::new();
    let error = folder.table().upgrade(&database.options()).await.unwrap_err().to_string();
    let expected = "could not commit revision r1 (migrations/r1_r1x/up.sql): insert or update on table \"c\" violates foreign key \
        constraint \"c_a_fkey\" (SQLSTATE 23503); detail: Key (a)=(1) is not present in table \"p\".";
    assert_eq!(error, expected);
    assert_eq!(database.psql("SELECT to_regclass('c') IS NULL, to_regclass('migrate_revisions') IS NULL"), "t|t\n");
}

#[tokio::test]
async fn a_pool_of_one_survives_a_failure() {
    let mut folder = Folder::new();
    folder.add("r1", "SELECT nope;", None);
    let database = Database::new();
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_with(database.options()).await.unwrap();
    for _ in 0..3 {
        folder.table().upgrade(&pool).await.unwrap_err();
    }
    let n_locks: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = \
        (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(n_locks, 0);
}

#[tokio::test]
async fn a_pool_whose_idle_connection_was_ended_takes_another() {
    let (database, table) = (Database::new(), Folder::of_three_tables().table());
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_with(database.options()).await.unwrap();
    while pool.num_idle() == 0 {
        tokio::task::yield_now().await;
    }
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert_eq!(database.psql(end), "t\n");
    assert_eq!(table.upgrade(&pool).await.unwrap().steps.len(), 3);
}

#[tokio::test]
async fn a_pool_without_a_server_says_why() {
    let (database, table) = (Database::new(), Folder::of_three_tables().table());
    let limit = std::time::Duration::from_millis(100);
    let pool = sqlx::postgres::PgPoolOptions::new().acquire_timeout(limit);
    let nowhere = pool.clone().connect_lazy_with(database.options().port(1));
    let error = table.upgrade(&nowhere).await.unwrap_err().to_string();
    assert!(error.contains("Connection refused"), "{error}");
    let busy = pool.max_connections(1).connect_with(database.options()).await.unwrap();
    let _taken = busy.acquire().await.unwrap();
    let error = table.upgrade(&busy).await.unwrap_err().to_string();
    assert!(error.contains("pool timed out"), "{error}");
}

#[tokio::test]
async fn a_plan_that_cannot_end_is_refused_before_it_begins() {
    let mut folder = Folder::new();
    folder.add("r1", "CREATE TABLE t1 ();", None).add("r2", "CREATE TABLE t2 ();", Some("DROP TABLE t2;"));
    let database = Database::new();
    folder.table().upgrade(&database.options()).await.unwrap();
    let error = folder.table().downgrade_to(&database.options(), "base").await.unwrap_err().to_string();
    assert_eq!(error, "revision r1 (migrations/r1_r1x/up.sql) cannot be undone: it has no downgrade");
    assert_eq!(database.psql("SELECT to_regclass('t2') IS NOT NULL, count(*) FROM migrate_revisions"), "t|2\n");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named() {
    let database = Database::new();
    let nowhere = database.options().database("migrate_test_no_such_database");
    let error = Folder::of_three_tables().table().upgrade(&nowhere).await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert!(error.to_string().contains("database \"migrate_test_no_such_database\" does not exist"), "{error}");
}

/// A plan that was cached for an earlier text carries a place in that text; the statement that failed is another.
#[tokio::test]
async fn an_error_of_a_cached_plan_is_told_of_the_statement_that_ran_it() {
    let mut folder = Folder::new();
    let first = "CREATE TYPE e AS ENUM ('abc'); CREATE TABLE t (a int); INSERT INTO t VALUES (1);
        PREPARE p AS SELECT 'abc'::e FROM t;";
    let second = "ALTER TYPE e RENAME VALUE 'abc' TO 'xyz';\nALTER TABLE t ADD b int;\nEXECUTE p;";
    folder.add("r1", first, None).add("r2", second, None);
    let database = Database::new();
    let error = folder.table().upgrade(&database.options()).await.unwrap_err().to_string();
    assert!(error.starts_with("revision r2 failed at migrations/r2_r2x/up.sql:7:"), "{error}");
    assert_eq!(database.psql("SELECT string_agg(revision, ',') FROM migrate_revisions"), "r1\n");
}

#[tokio::test]
async fn a_step_count_beyond_all_bounds_is_refused() {
    let (database, table) = (Database::new(), Folder::of_three_tables().table());
    let error = table.downgrade_to(&database.options(), "-9223372036854775808").await.unwrap_err().to_string();
    assert!(error.contains("goes too far: no step can be taken from here"), "{error}");
}

/// Runs one revision that fails, and returns what is said about it.
async fn said(up: &str) -> String {
    let mut folder = Folder::new();
    folder.add("r1", up, None);
    let database = Database::new();
    folder.table().upgrade(&database.options()).await.unwrap_err().to_string()
}

#[tokio::test]
async fn an_error_inside_a_function_body_is_placed_in_the_body() {
    let text = said("SELECT 1;\nDO $$\nBEGIN\n  -- é\n  INSERT INTO nöpe VALUES (1);\nEND $$;").await;
    assert!(
        text.starts_with("revision r1 failed at migrations/r1_r1x/up.sql:9:15: relation \"nöpe\" does not exist"),
        "{text}"
    );
    assert!(text.contains("9 |   INSERT INTO nöpe VALUES (1);\n  |               ^"), "{text}");
    // Without a place there is the line.
    let text = said("DO $body$\nBEGIN\n  RAISE EXCEPTION 'no';\nEND $body$;").await;
    assert!(text.starts_with("revision r1 failed at migrations/r1_r1x/up.sql:7:3: no (SQLSTATE P0001)"), "{text}");
    // What stands in no file is shown.
    let function = "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM nope FROM pg_class; END $$;";
    let text = said(&format!("{function}\nSELECT f();")).await;
    assert!(
        text.starts_with("revision r1 failed at migrations/r1_r1x/up.sql:6:1: column \"nope\" does not exist"),
        "{text}"
    );
    assert!(text.contains("\n  inside: SELECT nope FROM pg_class\n                 ^"), "{text}");
}

#[tokio::test]
async fn the_objects_that_are_concerned_are_named() {
    let text = said("CREATE TABLE t (a int CONSTRAINT positive CHECK (a > 0));\nINSERT INTO t VALUES (-1);").await;
    assert!(text.contains("\n  table: public.t\n  constraint: positive"), "{text}");
    let text = said("CREATE TABLE t (a int NOT NULL);\nINSERT INTO t VALUES (NULL);").await;
    assert!(text.contains("\n  table: public.t\n  column: a"), "{text}");
}

#[tokio::test]
async fn a_broken_connection_is_found_out_about_and_the_run_goes_on() {
    for (cut, n_done_before) in [(Cut::Message(3), 1), (Cut::Answer(3), 1), (Cut::Answer(2), 0), (Cut::Message(2), 0)] {
        let (database, folder, heard) = (Database::new(), Folder::of_three_tables(), Heard::default());
        let proxy = Proxy::start_cutting_once(&database, cut).await;
        let options: sqlx::postgres::PgConnectOptions = proxy.url().parse().unwrap();
        let report = folder.table().with(heard.options()).upgrade(&options).await.unwrap();
        assert_eq!(
            report.steps.iter().map(|done| done.revision.as_str()).collect::<Vec<_>>(),
            ["r1", "r2", "r3"],
            "{cut:?}"
        );
        let lost = format!("r{}", n_done_before + 1);
        let reconnecting = |event: &Event| matches!(event, Event::Reconnecting { revision, .. } if *revision == lost);
        assert!(heard.events().iter().any(reconnecting), "{cut:?}: {heard:?}");
        let n_started = heard.events().iter().filter(|event| matches!(event, Event::Started { .. })).count();
        assert_eq!(n_started, 3, "{cut:?}");
    }
}

#[tokio::test]
async fn a_server_that_stays_away_is_given_up() {
    let (database, folder) = (Database::new(), Folder::of_three_tables());
    let proxy = Proxy::start_cutting(&database, Cut::Message(3)).await;
    let connect: sqlx::postgres::PgConnectOptions = proxy.url().parse().unwrap();
    let options = Options::default().reconnect_timeout(Duration::from_millis(50));
    let error = folder.table().with(options).upgrade(&connect).await.unwrap_err();
    assert!(error.to_string().starts_with("the connection broke during revision r2: "), "{error}");
    assert!(error.to_string().ends_with("run it again: what is recorded is done, and nothing else"), "{error}");
    assert_eq!(folder.table().upgrade(&database.options()).await.unwrap().steps.len(), 2);
}

/// The time that a step takes is not the time that somebody is waited for.
#[tokio::test]
async fn a_long_step_that_breaks_off_is_found_out_about() {
    let (database, mut folder) = (Database::new(), Folder::new());
    folder.add("r1", "CREATE TABLE t (); SELECT pg_sleep(0.3);", None);
    let proxy = Proxy::start_cutting_once(&database, Cut::Answer(2)).await;
    let connect: sqlx::postgres::PgConnectOptions = proxy.url().parse().unwrap();
    let options = Options::default().wait_timeout(Duration::from_millis(100)).retry_timeout(Duration::from_millis(100));
    let report = folder.table().with(options).upgrade(&connect).await.unwrap();
    assert_eq!(report.steps.len(), 1);
}
