//! What killed processes and earlier revisions leave, and who drops it when.

use migrate_runtime::Migrations;
use sqlx::{AssertSqlSafe, ConnectOptions as _};

use super::{ask, cluster, databases, options_of_maintenance, program, table, template, wait_for};

/// What is noted on a template.
async fn note(template: &str) -> String {
    ask(&format!("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{template}'")).await
}

/// Makes it look as if the last use of a template was so many seconds earlier.
async fn age(template: &str, seconds: i64) {
    let note = note(template).await;
    let (beginning, used) = note.rsplit_once(' ').unwrap();
    let used: i64 = used.parse().unwrap();
    let comment = format!("COMMENT ON DATABASE {template} IS '{beginning} {}'", used - seconds);
    let mut conn = options_of_maintenance().connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(comment)).execute(&mut conn).await.unwrap();
}

/// Makes a template of this table, and tells its name.
async fn made(migrations: &Migrations) -> String {
    let beginning = format!("migrate_template_{}_", migrations.package());
    let before = databases(&beginning).await;
    drop(template(migrations).database().await.unwrap());
    let mut after = databases(&beginning).await;
    after.retain(|name| !before.contains(name));
    after.pop().expect("a new template")
}

#[tokio::test]
async fn an_edit_makes_another_template_and_the_old_one_goes_after_some_hours() {
    let first = made(&table("edited", "CREATE TABLE a ()")).await;
    let other = made(&table("edited2", "CREATE TABLE a ()")).await;
    let second = made(&table("edited", "CREATE TABLE b ()")).await;
    // Another checkout may be using it.
    assert_ne!(first, second);
    age(&first, 5 * 3600).await;
    let third = made(&table("edited", "CREATE TABLE c ()")).await;
    let mut all = [first.clone(), second.clone(), third.clone()];
    all.sort();
    assert_eq!(databases("migrate_template_edited_").await, all);

    age(&first, 2 * 3600).await;
    age(&other, 7 * 3600).await;
    let fourth = made(&table("edited", "CREATE TABLE d ()")).await;
    let mut all = [second, third, fourth];
    all.sort();
    assert_eq!(wait_for("migrate_template_edited_", 3).await, all);
    assert_eq!(databases("migrate_template_edited2_").await, [other]);
}

#[tokio::test]
async fn a_use_is_noted() {
    let _ = program("noted", 1).run().success();
    let name = databases("migrate_template_noted_").await.pop().unwrap();
    age(&name, 7 * 3600).await;
    let old = note(&name).await;
    assert!(old.starts_with("cargo migrate: template for the tests of noted, last used at "), "{old}");
    let _ = program("noted", 1).run().success();
    let new = note(&name).await;
    assert!(new > old, "{new} and {old}");
}

/// Sessions in databases whose names begin so.
async fn n_sessions(beginning: &str) -> String {
    ask(&format!("SELECT count(*)::text FROM pg_stat_activity WHERE starts_with(datname, '{beginning}')")).await
}

/// How many of the processes hold their locks that made these databases.
async fn n_processes(names: &[String]) -> String {
    let tokens = names.iter().map(|name| name.rsplit('_').nth(1).unwrap());
    let tokens: Vec<String> = tokens.map(|token| format!("'{token}'")).collect();
    let token = "lpad(to_hex(classid::int8), 8, '0') || lpad(to_hex(objid::int8), 8, '0')";
    let tokens = tokens.join(", ");
    ask(&format!(
        "SELECT count(DISTINCT {token})::text FROM pg_locks WHERE locktype = 'advisory' AND {token} IN ({tokens})"
    ))
    .await
}

#[tokio::test]
async fn what_a_killed_process_leaves_is_dropped_by_the_next() {
    let (killed, alive) = (program("killed", 2).args(["hold"]).spawn(), program("killed", 1).args(["hold"]).spawn());
    killed.wait_for_output("holding");
    alive.wait_for_output("holding");
    let all = wait_for("migrate_test_killed_", 6).await;
    killed.signal("KILL");
    assert_eq!(killed.wait().code, 137);
    // The server finds out that the client is gone.
    let left = async || n_sessions("migrate_test_killed_").await != "2" || n_processes(&all).await != "1";
    while left().await {}

    drop(template(&table("after", "CREATE TABLE a ()")).database().await.unwrap());
    let left = wait_for("migrate_test_killed_", 2).await;
    assert!(left.iter().all(|name| all.contains(name)));
    alive.signal("KILL");
    let output = alive.wait();
    assert!(left.iter().all(|name| output.stdout.contains(name.as_str())), "{left:?} are not those of {output}");
    assert!(!cluster().log().contains("PANIC"));
}
