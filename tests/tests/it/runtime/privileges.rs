//! Roles that may do little, and databases that play tricks.

use migrate_runtime::Verdict;
use migrate_tests::Database;
use sqlx::postgres::PgConnectOptions;

use super::folder::Folder;

/// A role of this test alone, which lives in the cluster and not in the database.
fn role(database: &Database<'_>, grants: &str) -> (String, PgConnectOptions) {
    let role = format!("role_of_{}", database.name());
    database.psql(&format!("CREATE ROLE {role} LOGIN PASSWORD 'x'; {}", grants.replace("$ROLE", &role)));
    let options = database.options().username(&role).password("x");
    (role, options)
}

fn drop_role(database: &Database<'_>, role: &str) {
    database.psql(&format!("DROP OWNED BY {role}; DROP ROLE {role};"));
}

#[tokio::test]
async fn a_role_that_may_only_read_starts_when_nothing_is_pending() {
    let (database, folder) = (Database::new(), Folder::of_three_tables());
    folder.table().upgrade(&database.options()).await.unwrap();
    let (role, options) =
        role(&database, "REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT SELECT ON migrate_revisions TO $ROLE;");
    assert_eq!(folder.table().upgrade(&options).await.unwrap().steps, []);
    assert_eq!(folder.table().verify(&options).await.unwrap(), Verdict::UpToDate);
    drop_role(&database, &role);
}

#[tokio::test]
async fn a_role_that_may_not_write_says_what_it_lacks() {
    let database = Database::new();
    let (role, options) = role(&database, "REVOKE CREATE ON SCHEMA public FROM PUBLIC;");
    let error = Folder::of_three_tables().table().upgrade(&options).await.unwrap_err().to_string();
    assert!(
        error.starts_with("could not make the version table for revision r1 (migrations/r1_r1x/up.sql):"),
        "{error}"
    );
    assert!(error.contains("permission denied for schema public"), "{error}");
    drop_role(&database, &role);
}

#[tokio::test]
async fn settings_of_the_role_do_not_reach_a_revision() {
    let database = Database::new();
    let since_14 = match database.server_major() {
        ..14 => "",
        _ => "ALTER ROLE $ROLE SET idle_session_timeout = '7min';",
    };
    let grants = format!(
        "{since_14} GRANT CREATE ON SCHEMA public TO $ROLE; ALTER ROLE $ROLE SET statement_timeout = '50ms'; \
         ALTER ROLE $ROLE SET idle_in_transaction_session_timeout = '7min'; \
         ALTER ROLE $ROLE SET synchronous_commit = off; ALTER ROLE $ROLE SET lock_timeout = '50ms'; \
         ALTER ROLE $ROLE SET default_transaction_isolation = 'serializable'; \
         ALTER ROLE $ROLE SET default_transaction_read_only = on; ALTER ROLE $ROLE SET standard_conforming_strings = off;",
    );
    let (role, options) = role(&database, &grants);
    let mut folder = Folder::new();
    folder.add("r1", "SELECT pg_sleep(0.2); CREATE TABLE t ();", None);
    let settings = "SELECT name, setting FROM pg_settings WHERE name IN ('idle_in_transaction_session_timeout', 'idle_session_timeout', 'synchronous_commit')";
    folder.add("r2", &format!("CREATE TABLE inside AS {settings};"), None);
    let up = "SELECT pg_sleep(0.2); CREATE TABLE u AS SELECT current_setting('lock_timeout') AS lock_timeout;";
    folder.add_with("r3", "--! transaction: none\n", up, None);
    folder.table().upgrade(&options).await.unwrap();
    assert_eq!(database.psql("SELECT to_regclass('t'), lock_timeout FROM u"), "t|2s\n");
    let expected = if since_14.is_empty() { "600000,on\n" } else { "600000,0,on\n" };
    assert_eq!(database.psql("SELECT string_agg(setting, ',' ORDER BY name) FROM inside"), expected);
    drop_role(&database, &role);
}

#[tokio::test]
async fn a_script_may_work_as_another_role_and_is_recorded_as_ours() {
    let database = Database::new();
    let (role, _) = role(&database, "GRANT CREATE ON SCHEMA public TO $ROLE;");
    let mut folder = Folder::new();
    folder.add(
        "r1",
        &format!("SET ROLE {role}; CREATE TABLE theirs ();"),
        Some(&format!("SET ROLE {role}; DROP TABLE theirs;")),
    );
    folder.add("r2", "CREATE TABLE ours ();", Some("DROP TABLE ours;"));
    folder.table().upgrade(&database.pool()).await.unwrap();
    let owners = "SELECT tableowner FROM pg_tables WHERE tablename IN ('ours', 'theirs') ORDER BY tablename";
    assert_eq!(database.psql(owners), format!("postgres\n{role}\n"));
    folder.table().downgrade_to(&database.pool(), "base").await.unwrap();
    assert_eq!(database.psql("SELECT count(*) FROM migrate_revisions"), "0\n");
    drop_role(&database, &role);
}

#[tokio::test]
async fn starters_and_stepwise_scripts_are_not_led_astray_by_a_scripts_role() {
    let database = Database::new();
    let (role, _) = role(&database, "GRANT CREATE ON SCHEMA public TO $ROLE;");
    let mut folder = Folder::new();
    folder.add("r1", &format!("SET ROLE {role}; CREATE TABLE a ();"), None);
    let up = format!("SET ROLE {role}; CREATE TABLE b (); CREATE TABLE c ();");
    folder.add_with("r2", "--! transaction: none\n", &up, None);
    folder.add("r3", "CREATE TABLE d ();", None);
    let mut starters = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (table, options) = (folder.table(), database.options());
        starters.spawn(async move { table.upgrade(&options).await.unwrap().steps.len() });
    }
    assert_eq!(starters.join_all().await.into_iter().sum::<usize>(), 3);
    let owners =
        "SELECT string_agg(tableowner, ',' ORDER BY tablename) FROM pg_tables WHERE tablename IN ('a', 'b', 'c', 'd')";
    assert_eq!(database.psql(owners), format!("{role},{role},{role},postgres\n"));
    drop_role(&database, &role);
}

/// A role that may create functions in `public` plants better matches for everything the executor calls; under the
/// default search path they would run with the rights of whoever migrates.
#[tokio::test]
async fn planted_functions_are_not_called() {
    let database = Database::new();
    database.psql(
        "CREATE TABLE fired (what text);
         CREATE FUNCTION public.pg_try_advisory_xact_lock(int) RETURNS bool LANGUAGE sql AS $$INSERT INTO fired VALUES ('lock') RETURNING true$$;
         CREATE FUNCTION public.pg_try_advisory_lock(int) RETURNS bool LANGUAGE sql AS $$INSERT INTO fired VALUES ('lock') RETURNING true$$;
         CREATE FUNCTION public.set_config(text, text, int) RETURNS text LANGUAGE sql AS $$INSERT INTO fired VALUES ('set') RETURNING ''$$;
         CREATE FUNCTION public.count(int) RETURNS bigint LANGUAGE sql AS $$INSERT INTO fired VALUES ('count') RETURNING 1$$;
         CREATE FUNCTION public.same(text, text) RETURNS bool LANGUAGE sql AS $$INSERT INTO fired VALUES ('=') RETURNING true$$;
         CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.same);
         CREATE DOMAIN public.text AS pg_catalog.text CHECK (length(VALUE) < 3);
         CREATE DOMAIN public.bytea AS pg_catalog.bytea CHECK (length(VALUE) < 3);
         CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$INSERT INTO fired VALUES ('clock') RETURNING now()$$;",
    );
    database.psql(&format!("ALTER DATABASE {} SET search_path = public, pg_catalog", database.name()));
    let table = Folder::of_three_tables().table();
    table.upgrade(&database.options()).await.unwrap();
    table.downgrade_to(&database.options(), "base").await.unwrap();
    assert_eq!(database.psql("SELECT pg_catalog.count(*) FROM fired"), "0\n");
}
