//! Upgrades and downgrades that work, and what they leave in the version table.

use migrate_runtime::plan::Direction;
use migrate_runtime::{Event, Target, Verdict};
use migrate_tests::Database;

use super::folder::{Folder, Heard};

#[tokio::test]
async fn an_upgrade_applies_everything_and_a_second_one_nothing() {
    let (database, table) = (Database::new(), Folder::of_three_tables().table());
    let pool = database.pool();
    assert_eq!(
        table.verify(&pool).await.unwrap(),
        Verdict::Pending { revisions: ["r1", "r2", "r3"].map(String::from).into() }
    );
    let report = table.upgrade(&pool).await.unwrap();
    assert_eq!(report.to_string(), "upgraded by 3 revisions to r3");
    assert_eq!(table.upgrade(&pool).await.unwrap().to_string(), "current at r3");
    assert_eq!(table.verify(&pool).await.unwrap(), Verdict::UpToDate);
    assert_eq!(database.psql("SELECT to_regclass('t1'), to_regclass('t2'), to_regclass('t3')"), "t1|t2|t3\n");
}

#[tokio::test]
async fn targets_are_reached_in_both_directions() {
    let (database, table) = (Database::new(), Folder::of_three_tables().table());
    let options = database.options();
    let steps = |report: migrate_runtime::Report| -> Vec<String> {
        report.steps.iter().map(|step| format!("{} {}", step.direction.as_str(), step.revision)).collect()
    };
    let to = |name: &str| Target::revision(name.to_owned());
    assert_eq!(steps(table.upgrade_to(&options, to("r2")).await.unwrap()), ["up r1", "up r2"]);
    assert_eq!(steps(table.downgrade_to(&options, to("r1x")).await.unwrap()), ["down r2"]);
    assert_eq!(steps(table.upgrade_to(&options, "+1").await.unwrap()), ["up r2"]);
    assert_eq!(steps(table.downgrade_to(&options, "base").await.unwrap()), ["down r2", "down r1"]);
    assert_eq!(database.psql("SELECT count(*) FROM migrate_revisions"), "0\n");
    assert_eq!(database.psql("SELECT to_regclass('t1') IS NULL"), "t\n");
}

#[tokio::test]
async fn the_row_says_what_was_applied() {
    let mut folder = Folder::new();
    let down = "-- it's gone, C:\\dir\nDROP TABLE t;\n";
    folder.add("r1", "CREATE TABLE t ();", Some(down));
    folder.write("r1", "up.sql", "--! It's a \\ \"table\".\n--!\n--! parent: base\n\nCREATE TABLE t ();\n");
    folder.add_with("r2", "--! breaks-older: true\n", "SELECT 1;", None);
    let (database, table) = (Database::new(), folder.table());
    table.upgrade(&database.options()).await.unwrap();
    let rows = database.psql(
        "SELECT package, revision, summary, parents, breaks_older, statements_done, statements, length(checksum), \
         execution_time < '1 min', applied_by LIKE 'migrate-runtime %, ' || current_user FROM migrate_revisions ORDER BY 2",
    );
    assert_eq!(rows, "app|r1|It's a \\ \"table\".|{}|f|1|1|32|t|t\napp|r2|Revision r2.|{r1}|t|1|1|32|t|t\n");
    assert_eq!(
        database.psql("SELECT down_sql FROM migrate_revisions WHERE revision = 'r1'").trim_end(),
        down.trim_end()
    );
    let row =
        &table.with(migrate_runtime::Options::default()).state(&database.options()).await.unwrap().rows()[0].clone();
    assert_eq!(row.checksum, table.migration("r1").unwrap().checksum().as_bytes());
}

#[tokio::test]
async fn events_come_in_order() {
    let (database, table, heard) = (Database::new(), Folder::of_three_tables().table(), Heard::default());
    table.with(heard.options()).upgrade(&database.options()).await.unwrap();
    let told: Vec<String> = heard
        .events()
        .into_iter()
        .filter(|event| !matches!(event, Event::Connected { .. }))
        .map(|event| match event {
            Event::Started { direction: Direction::Up, revision, n, of, resumed_after: 0, .. } => {
                format!("{revision} {n}/{of}")
            }
            Event::Finished { direction: Direction::Up, revision, .. } => format!("{revision} done"),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, ["r1 1/3", "r1 done", "r2 2/3", "r2 done", "r3 3/3", "r3 done"]);
}

#[tokio::test]
async fn packages_share_a_database() {
    let database = Database::new();
    let (mut one, mut other) = (Folder::new(), Folder::new());
    one.add("r1", "CREATE TABLE one ();", None);
    other.add("r1", "CREATE TABLE other ();", None);
    let other = migrate_runtime::Migrations::new("library", other.table().list());
    one.table().upgrade(&database.options()).await.unwrap();
    assert_eq!(other.upgrade(&database.options()).await.unwrap().steps.len(), 1);
    assert_eq!(one.table().verify(&database.options()).await.unwrap(), Verdict::UpToDate);
    assert_eq!(database.psql("SELECT package FROM migrate_revisions ORDER BY 1"), "app\nlibrary\n");
}

#[tokio::test]
async fn what_a_script_sets_reaches_neither_the_next_one_nor_the_pool() {
    let mut folder = Folder::new();
    folder
        .add("r1", "CREATE SCHEMA hidden; SET search_path = hidden; CREATE TABLE inside ();", None)
        .add("r2", "SELECT set_config('search_path', '', false); CREATE ROLE migrate_test_leak; SET ROLE migrate_test_leak; RESET ROLE; DROP ROLE migrate_test_leak;", None)
        .add("r3", "CREATE TABLE outside ();", None);
    let database = Database::new();
    let pool = database.pool();
    folder.table().upgrade(&pool).await.unwrap();
    assert_eq!(
        database.psql("SELECT to_regclass('hidden.inside'), to_regclass('public.outside')"),
        "hidden.inside|outside\n"
    );
    let path: String = sqlx::query_scalar("SHOW search_path").fetch_one(&pool).await.unwrap();
    assert_eq!(path, "\"$user\", public");
}

/// In one run as in two: the second revision finds the session as the first one found it.
#[tokio::test]
async fn no_setting_and_no_temporary_table_outlives_its_revision() {
    let mut folder = Folder::new();
    let settings = "SET session_replication_role = replica; SET check_function_bodies = off; SET work_mem = '7MB';";
    folder.add("r1", &format!("{settings} CREATE TEMP TABLE left_over ();"), None);
    let up = "CREATE TABLE seen AS SELECT current_setting('session_replication_role') AS role, \
        current_setting('check_function_bodies') AS bodies, current_setting('work_mem') AS work_mem, \
        current_setting('application_name') AS application, to_regclass('left_over') AS left_over;";
    folder.add("r2", up, None);
    let database = Database::new();
    let setting = "SET work_mem = '3MB'";
    let pool = sqlx::postgres::PgPoolOptions::new()
        .after_connect(move |conn, _| Box::pin(async move { sqlx::raw_sql(setting).execute(conn).await.map(drop) }));
    let pool = pool.connect_with(database.options().application_name("shop")).await.unwrap();
    folder.table().upgrade(&pool).await.unwrap();
    assert_eq!(database.psql("SELECT * FROM seen"), "origin|on|3MB|shop|\n");
}

#[tokio::test]
async fn a_revision_without_statements_and_an_empty_history_are_fine() {
    let mut folder = Folder::new();
    let database = Database::new();
    assert_eq!(folder.table().upgrade(&database.options()).await.unwrap().to_string(), "current at base");
    assert_eq!(database.psql("SELECT to_regclass('migrate_revisions') IS NULL"), "t\n");
    folder.add("r1", "-- nothing to do", Some("-- nothing to undo"));
    folder.table().upgrade(&database.options()).await.unwrap();
    assert_eq!(folder.table().verify(&database.options()).await.unwrap(), Verdict::UpToDate);
    folder.table().downgrade_to(&database.options(), "base").await.unwrap();
    assert_eq!(database.psql("SELECT count(*) FROM migrate_revisions"), "0\n");
}
