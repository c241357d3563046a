//! `transaction: none`: statement by statement, and taken up again where it stopped.

use migrate_runtime::{Event, Target, Verdict};
use migrate_tests::{Cut, Database, Proxy};

use super::folder::{Folder, Heard};

const NONE: &str = "--! transaction: none\n";

fn three_indexes(third: &str) -> String {
    format!("CREATE INDEX CONCURRENTLY i1 ON t (a);\nCREATE INDEX CONCURRENTLY i2 ON t (b);\n{third}\n")
}

#[tokio::test]
async fn statements_that_no_transaction_allows_run_one_by_one() {
    let mut folder = Folder::new();
    let down = format!("{NONE}\nDROP INDEX CONCURRENTLY i2; DROP INDEX CONCURRENTLY i1;");
    folder.add("r1", "CREATE TABLE t (a int, b int);", Some("DROP TABLE t;"));
    folder.add_with("r2", NONE, &three_indexes("VACUUM t;"), Some(&down));
    let (database, heard) = (Database::new(), Heard::default());
    folder.table().with(heard.options()).upgrade(&database.pool()).await.unwrap();
    assert_eq!(database.psql("SELECT count(*) FROM pg_index WHERE indisvalid AND indrelid = 't'::regclass"), "2\n");
    let n_recorded = heard.events().iter().filter(|event| matches!(event, Event::StatementDone { of: 3, .. })).count();
    assert_eq!(n_recorded, 3);
    folder.table().downgrade_to(&database.pool(), "base").await.unwrap();
    assert_eq!(database.psql("SELECT to_regclass('t') IS NULL, count(*) FROM migrate_revisions"), "t|0\n");
}

#[tokio::test]
async fn a_failed_statement_is_mended_and_the_rest_goes_on() {
    let mut folder = Folder::new();
    folder.add("r1", "CREATE TABLE t (a int, b int);", None);
    folder.add_with("r2", NONE, &three_indexes("CREATE INDEX CONCURRENTLY i3 ON t (nope);"), None);
    let database = Database::new();
    let error = folder.table().upgrade(&database.pool()).await.unwrap_err().to_string();
    assert!(error.contains("up.sql:8:1: column \"nope\" does not exist"), "{error}");
    assert!(error.contains("statements done before it, and recorded: 2"), "{error}");
    let partial = database.psql("SELECT statements_done, statements FROM migrate_revisions WHERE revision = 'r2'");
    assert_eq!(partial, "2|3\n");
    assert_eq!(
        folder.table().verify(&database.pool()).await.unwrap(),
        Verdict::Pending { revisions: vec!["r2".into()] }
    );

    folder.write("r2", "up.sql", &folder.read("r2", "up.sql").replace("nope", "a, b"));
    let heard = Heard::default();
    folder.table().with(heard.options()).upgrade(&database.pool()).await.unwrap();
    assert!(heard.events().iter().any(|event| matches!(event, Event::Started { resumed_after: 2, .. })), "{heard:?}");
    assert_eq!(database.psql("SELECT count(*) FROM pg_index WHERE indisvalid AND indrelid = 't'::regclass"), "3\n");
    assert_eq!(folder.table().verify(&database.pool()).await.unwrap(), Verdict::UpToDate);
}

#[tokio::test]
async fn statements_that_are_done_must_not_change() {
    let mut folder = Folder::new();
    folder.add("r1", "CREATE TABLE t (a int, b int);", None);
    folder.add_with("r2", NONE, &three_indexes("SELECT nope;"), None);
    let database = Database::new();
    folder.table().upgrade(&database.pool()).await.unwrap_err();
    folder.write("r2", "up.sql", &folder.read("r2", "up.sql").replace("i1 ON", "i9 ON"));
    let error = folder.table().upgrade(&database.pool()).await.unwrap_err().to_string();
    assert!(error.contains("was cut off after 2 statements, and those were edited since"), "{error}");
}

#[tokio::test]
async fn a_downgrade_is_taken_up_again_too() {
    let mut folder = Folder::new();
    let down = format!("{NONE}\nDROP INDEX CONCURRENTLY i1;\nDROP INDEX CONCURRENTLY nope;");
    folder.add("r1", "CREATE TABLE t (a int, b int);", None);
    folder.add_with("r2", NONE, &three_indexes(""), Some(&down));
    let database = Database::new();
    folder.table().upgrade(&database.pool()).await.unwrap();
    let r1 = || Target::revision("r1");
    let error = folder.table().downgrade_to(&database.pool(), r1()).await.unwrap_err().to_string();
    assert!(error.contains("down.sql:4:1: index \"nope\" does not exist"), "{error}");
    let error = folder.table().upgrade(&database.pool()).await.unwrap_err().to_string();
    assert!(error.contains("its downgrade was cut off; finish that with `cargo migrate downgrade`"), "{error}");
    folder.write("r2", "down.sql", &down.replace("nope", "i2"));
    folder.table().downgrade_to(&database.pool(), r1()).await.unwrap();
    assert_eq!(database.psql("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"), "0\n");
    assert_eq!(database.psql("SELECT string_agg(revision, ',') FROM migrate_revisions"), "r1\n");
}

#[tokio::test]
async fn a_script_may_grow_while_it_is_being_mended() {
    let mut folder = Folder::new();
    folder.add_with("r1", NONE, "CREATE TABLE a ();\nSELECT nope;\nCREATE TABLE b ();", None);
    let database = Database::new();
    folder.table().upgrade(&database.pool()).await.unwrap_err();
    let grown = folder.read("r1", "up.sql").replace("SELECT nope;", "SELECT 1;\nCREATE TABLE c ();\nSELECT nope2;");
    folder.write("r1", "up.sql", &grown);
    let error = folder.table().upgrade(&database.pool()).await.unwrap_err().to_string();
    assert!(error.contains("statements done before it, and recorded: 3"), "{error}");
    assert_eq!(database.psql("SELECT statements_done, statements FROM migrate_revisions"), "3|5\n");
    folder.write("r1", "up.sql", &grown.replace("nope2", "2"));
    folder.table().upgrade(&database.pool()).await.unwrap();
    assert_eq!(database.psql("SELECT to_regclass('b') IS NOT NULL, statements_done FROM migrate_revisions"), "t|5\n");
    assert_eq!(folder.table().verify(&database.pool()).await.unwrap(), Verdict::UpToDate);
}

#[tokio::test]
async fn what_a_script_has_set_holds_after_it_was_taken_up_again() {
    let mut folder = Folder::new();
    folder.add("r1", "CREATE SCHEMA s; CREATE TABLE s.t (a int); CREATE TABLE public.t (a int);", None);
    let up = "SET search_path = s, public;\nCREATE INDEX CONCURRENTLY i ON t (a);\nSELECT nope;\nCREATE INDEX CONCURRENTLY j ON t (a);";
    folder.add_with("r2", NONE, up, None);
    let database = Database::new();
    folder.table().upgrade(&database.pool()).await.unwrap_err();
    folder.write("r2", "up.sql", &folder.read("r2", "up.sql").replace("nope", "1"));
    folder.table().upgrade(&database.pool()).await.unwrap();
    let tables = "SELECT string_agg(schemaname, ',') FROM pg_indexes WHERE indexname IN ('i', 'j')";
    assert_eq!(database.psql(tables), "s,s\n");
}

#[tokio::test]
async fn statements_of_a_downgrade_that_are_done_must_not_change() {
    let mut folder = Folder::new();
    folder.add(
        "r1",
        "CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE c ();",
        Some(&format!("{NONE}\nDROP TABLE a; SELECT nope;")),
    );
    let database = Database::new();
    folder.table().upgrade(&database.pool()).await.unwrap();
    folder.table().downgrade_to(&database.pool(), "base").await.unwrap_err();
    folder.write("r1", "down.sql", &format!("{NONE}\nDROP TABLE c; DROP TABLE a; DROP TABLE b;"));
    let error = folder.table().downgrade_to(&database.pool(), "base").await.unwrap_err().to_string();
    assert!(error.contains("was cut off after 1 statements, and those were edited since"), "{error}");
    folder.write("r1", "down.sql", &format!("{NONE}\nDROP TABLE a; DROP TABLE c; DROP TABLE b;"));
    folder.table().downgrade_to(&database.pool(), "base").await.unwrap();
    assert_eq!(database.psql("SELECT to_regclass('c') IS NULL, count(*) FROM migrate_revisions"), "t|0\n");
}

#[tokio::test]
async fn what_a_failed_build_has_left_is_dropped_and_built_again() {
    let mut folder = Folder::new();
    folder.add("r1", "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1);", None);
    folder.add_with("r2", NONE, "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"The u\" ON t (a);", None);
    let database = Database::new();
    let error = folder.table().upgrade(&database.pool()).await.unwrap_err().to_string();
    assert!(error.contains("could not create unique index \"The u\""), "{error}");
    assert_eq!(database.psql("SELECT indisvalid FROM pg_index WHERE indrelid = 't'::regclass"), "f\n");
    database.psql("DELETE FROM t");
    let heard = Heard::default();
    folder.table().with(heard.options()).upgrade(&database.pool()).await.unwrap();
    let leftover = Event::Leftover { revision: "r2".into(), index: "\"The u\"".into() };
    assert!(heard.events().contains(&leftover), "{heard:?}");
    assert_eq!(database.psql("SELECT indisvalid FROM pg_index WHERE indrelid = 't'::regclass"), "t\n");
    assert_eq!(folder.table().verify(&database.pool()).await.unwrap(), Verdict::UpToDate);
}

#[tokio::test]
async fn an_invalid_index_of_somebody_else_is_neither_dropped_nor_recorded() {
    let mut folder = Folder::new();
    folder.add("r1", "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1);", None);
    folder.add_with("r2", NONE, "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS u ON t (a);", None);
    let database = Database::new();
    folder.table().upgrade_to(&database.pool(), "r1").await.unwrap();
    database.try_psql("CREATE UNIQUE INDEX CONCURRENTLY u ON t (a)").unwrap_err();
    let error = folder.table().upgrade(&database.pool()).await.unwrap_err().to_string();
    assert!(error.contains("the index u is invalid, as an interrupted or failed build leaves it"), "{error}");
    assert_eq!(database.psql("SELECT statements_done FROM migrate_revisions WHERE revision = 'r2'"), "0\n");
}

#[tokio::test]
async fn a_statement_that_a_transaction_allows_is_recorded_with_what_it_did() {
    let mut folder = Folder::new();
    folder.add("r1", "CREATE TABLE t (a int);", None);
    // The server has the last word on what a transaction allows: a partitioned table cannot be reindexed in one.
    let up = "INSERT INTO t VALUES (1);\nCREATE TABLE p (a int) PARTITION BY LIST (a);\nCREATE INDEX ON p (a);\n\
              REINDEX TABLE p;\nINSERT INTO t VALUES (2);\nSELECT 1/0;\n";
    folder.add_with("r2", NONE, up, None);
    let database = Database::new();
    folder.table().upgrade(&database.pool()).await.unwrap_err();
    let row =
        "SELECT statements_done, statement_failed, (SELECT sum(a) FROM t) FROM migrate_revisions WHERE revision = 'r2'";
    assert_eq!(database.psql(row), "5|f|3\n");
    folder.table().upgrade(&database.pool()).await.unwrap_err();
    assert_eq!(database.psql(row), "5|f|3\n");
}

#[tokio::test]
async fn nothing_is_in_doubt_before_it_was_begun() {
    let mut folder = Folder::new();
    let down = format!("{NONE}\nDROP INDEX CONCURRENTLY gone;");
    folder.add("r1", "CREATE TABLE t (a int);", Some(&down));
    let database = Database::new();
    folder.table().upgrade(&database.pool()).await.unwrap();
    let error = folder.table().downgrade_to(&database.pool(), "base").await.unwrap_err().to_string();
    assert!(error.contains("index \"gone\" does not exist"), "{error}");
    assert_eq!(database.psql("SELECT count(*) FROM migrate_revisions"), "1\n");
}

#[tokio::test]
async fn an_error_of_a_statement_that_is_run_again_is_an_error() {
    let mut folder = Folder::new();
    let procedure = "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; RAISE duplicate_object; END $$;";
    folder.add("r1", procedure, None);
    folder.add_with("r2", NONE, "CALL p();", None);
    let database = Database::new();
    folder.table().upgrade(&database.pool()).await.unwrap_err();
    // As if it had been cut off.
    database.psql("UPDATE migrate_revisions SET statement_failed = false WHERE revision = 'r2'");
    let error = folder.table().upgrade(&database.pool()).await.unwrap_err().to_string();
    assert!(error.contains("SQLSTATE 42710"), "{error}");
    assert_eq!(database.psql("SELECT statements_done FROM migrate_revisions WHERE revision = 'r2'"), "0\n");
}

#[tokio::test]
async fn a_block_that_is_cut_off_is_not_run_twice() {
    let mut folder = Folder::new();
    folder.add("r1", "CREATE TABLE t (a int); INSERT INTO t VALUES (1);", None);
    folder.add_with("r2", NONE, "DO $$ BEGIN UPDATE t SET a = a * 2; END $$;\nUPDATE t SET a = a * 2;", None);
    let mut n_cut = 0;
    for n in 2..=9 {
        let database = Database::new();
        folder.table().upgrade_to(&database.options(), "r1").await.unwrap();
        let proxy = Proxy::start_cutting_once(&database, Cut::Answer(n)).await;
        let (heard, options) = (Heard::default(), proxy.url().parse::<sqlx::postgres::PgConnectOptions>().unwrap());
        folder.table().with(heard.options()).upgrade(&options).await.unwrap();
        n_cut += usize::from(heard.events().iter().any(|event| matches!(event, Event::Reconnecting { .. })));
        assert_eq!(database.psql("SELECT a FROM t"), "4\n", "cut at {n}");
    }
    assert!(n_cut >= 3, "{n_cut}");
}
