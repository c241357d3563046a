//! What a caller may decide: one transaction for all, waiting for somebody else, hooks, a role, SQL around a run.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use migrate_runtime::{Error, Event, Options, Transactions, Verdict, When};
use migrate_tests::{Cluster, Database, Proxy};

use super::folder::{Folder, Heard};

fn all() -> Options {
    Options::default().transactions(Transactions::All)
}

#[tokio::test]
async fn in_one_transaction_all_is_done_or_nothing() {
    let (database, mut folder) = (Database::new(), Folder::of_three_tables());
    folder.add("r4", "CREATE TABLE t4 (); SELECT 1/0;", Some("DROP TABLE t4;"));
    let error = folder.table().with(all()).upgrade(&database.options()).await.unwrap_err().to_string();
    assert!(error.contains("revision r4 failed at migrations/r4_r4x/up.sql:5:21: division by zero"), "{error}");
    assert_eq!(database.psql("SELECT to_regclass('migrate_revisions') IS NULL, to_regclass('t1') IS NULL"), "t|t\n");

    folder.write("r4", "up.sql", "--! R.\n--!\n--! parent: r3\n\nCREATE TABLE t4 ();\n");
    let heard = Heard::default();
    let options = heard.options().transactions(Transactions::All);
    let report = folder.table().with(options).upgrade(&database.options()).await.unwrap();
    assert_eq!(report.to_string(), "upgraded by 4 revisions to r4");
    let transactions = "SELECT count(DISTINCT xmin::text), count(*) FROM migrate_revisions";
    assert_eq!(database.psql(transactions), "1|4\n");
    // What is told as finished is committed.
    let kinds: Vec<bool> = heard
        .events()
        .iter()
        .filter(|event| matches!(event, Event::Started { .. } | Event::Finished { .. }))
        .map(|event| matches!(event, Event::Finished { .. }))
        .collect();
    assert_eq!(kinds, [false, false, false, false, true, true, true, true]);

    folder.table().with(all()).downgrade_to(&database.options(), "base").await.unwrap();
    assert_eq!(database.psql("SELECT count(*) FROM migrate_revisions"), "0\n");
}

#[tokio::test]
async fn one_transaction_is_one_commit_however_often_it_is_cut() {
    let folder = Folder::of_three_tables();
    for answer in [migrate_tests::Cut::Message(4), migrate_tests::Cut::Answer(4), migrate_tests::Cut::Message(3)] {
        let database = Database::new();
        let proxy = Proxy::start_cutting_once(&database, answer).await;
        let options = proxy.url().parse::<sqlx::postgres::PgConnectOptions>().unwrap();
        let report = folder.table().with(all()).upgrade(&options).await.unwrap();
        assert_eq!(report.steps.len(), 3, "{answer:?}");
        assert_eq!(database.psql("SELECT count(DISTINCT xmin::text), count(*) FROM migrate_revisions"), "1|3\n");
    }
}

#[tokio::test]
async fn what_cannot_be_part_of_one_transaction_is_said_before_it_begins() {
    let (database, mut folder) = (Database::new(), Folder::of_three_tables());
    folder.add_with("r4", "--! transaction: none\n", "VACUUM;", None);
    let error = folder.table().with(all()).upgrade(&database.options()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("revision r4 (migrations/r4_r4x/up.sql) runs without a transaction, and cannot be part"),
        "{error}"
    );
    assert_eq!(database.psql("SELECT to_regclass('t1') IS NULL"), "t\n");
}

#[tokio::test]
async fn a_full_table_of_locks_says_what_to_do() {
    let mut folder = Folder::new();
    let tables = |n: usize| -> String {
        let block =
            "DO $$ BEGIN FOR n IN 1..1000 LOOP EXECUTE format('CREATE TABLE x%s_%s ()', {n}, n); END LOOP; END $$;";
        block.replace("{n}", &n.to_string())
    };
    for n in 1..=4 {
        folder.add(&format!("r{n}"), &tables(n), None);
    }
    // A server of its own: its table of locks is full for everybody.
    let small =
        migrate_tests::Options::default().setting("max_connections", "5").setting("max_locks_per_transaction", "10");
    let cluster = Cluster::start_own(small);
    let database = Database::on(&cluster);
    let error = folder.table().with(all()).upgrade(&database.options()).await.unwrap_err();
    let Error::TooManyLocks { .. } = &error else { panic!("{error}") };
    let text = error.to_string();
    assert!(text.contains("out of shared memory") && text.contains("raise `max_locks_per_transaction`"), "{text}");
    assert_eq!(database.psql("SELECT to_regclass('migrate_revisions') IS NULL"), "t\n");
}

#[tokio::test]
async fn replicas_wait_for_the_one_that_upgrades() {
    let (database, folder) = (Database::new(), Folder::of_three_tables());
    let table = folder.table();
    let error = table.wait_until_current(&database.options(), Duration::from_millis(50)).await.unwrap_err();
    assert_eq!(error.to_string(), "the database is not current after 0.05s: it lacks r1, r2, r3");
    let waiting = {
        let (table, options) = (folder.table(), database.options());
        tokio::spawn(async move { table.wait_until_current(&options, Duration::from_secs(60)).await })
    };
    table.upgrade(&database.options()).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), Verdict::UpToDate);
    folder.remove("r3");
    let ahead = folder.table().wait_until_current(&database.options(), Duration::ZERO).await.unwrap();
    assert_eq!(ahead, Verdict::Ahead { unknown: vec!["r3".into()] });
}

#[tokio::test]
async fn hooks_are_part_of_the_step() {
    let (database, mut folder) = (Database::new(), Folder::of_three_tables());
    folder.add_with("r4", "--! transaction: none\n", "CREATE TABLE t4 ();\nVACUUM t4;", None);
    let called = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&called);
    let options = Options::default().on_step(move |moment, cx| {
        seen.lock().unwrap().push((moment.when, moment.revision.clone()));
        Box::pin(async move {
            if moment.when == When::After {
                let note = format!(
                    "CREATE TABLE IF NOT EXISTS notes (r text); INSERT INTO notes VALUES ('{}')",
                    moment.revision
                );
                cx.execute(note).await?;
            }
            if moment.revision == "r3" && moment.when == When::After {
                return Err("not today".into());
            }
            Ok(())
        })
    });
    let error = folder.table().with(options.clone()).upgrade(&database.options()).await.unwrap_err();
    assert_eq!(error.to_string(), "the hook after revision r3 failed: not today");
    assert_eq!(database.psql("SELECT string_agg(r, ' ') FROM notes"), "r1 r2\n");
    assert_eq!(database.psql("SELECT string_agg(revision, ' ') FROM migrate_revisions"), "r1 r2\n");
    let pairs = |id: &str| [(When::Before, id.to_owned()), (When::After, id.to_owned())];
    assert_eq!(*called.lock().unwrap(), [pairs("r1"), pairs("r2"), pairs("r3")].concat());
    let quiet = Options::default()
        .on_step(|moment, cx| Box::pin(async move { cx.execute(format!("SELECT '{}'", moment.summary)).await }));
    folder.table().with(quiet).upgrade(&database.options()).await.unwrap();
    assert_eq!(database.psql("SELECT statements_done FROM migrate_revisions WHERE revision = 'r4'"), "2\n");
}

#[tokio::test]
async fn hooks_around_a_merge_without_a_statement_survive_a_cut() {
    let folder = Folder::of_three_tables();
    folder.write("m1", "up.sql", "--! M.\n--!\n--! parent: r3, x1\n");
    folder.write("x1", "up.sql", "--! X.\n--!\n--! parent: r2\n\nSELECT 1;\n");
    for n in 2..30 {
        let database = Database::new();
        let proxy = Proxy::start_cutting_once(&database, migrate_tests::Cut::Message(n)).await;
        let connect: sqlx::postgres::PgConnectOptions = proxy.url().parse().unwrap();
        let options = Options::default().on_step(|_, cx| Box::pin(async move { cx.execute("SELECT 1").await }));
        folder.table().with(options).upgrade(&connect).await.unwrap();
        assert_eq!(database.psql("SELECT count(*) FROM migrate_revisions WHERE statements_done = statements"), "5\n");
    }
}

#[tokio::test]
async fn a_role_and_sql_around_a_run() {
    let (database, folder) = (Database::new(), Folder::of_three_tables());
    let role = format!("owner_{}", database.name());
    database.psql(&format!("CREATE ROLE {role}; GRANT ALL ON SCHEMA public TO {role}; CREATE TABLE runs (what text); GRANT ALL ON runs TO PUBLIC;"));
    let options = Options::default()
        .role(&role)
        .session_setup("SET app.tenant = 'x'; SET work_mem = '7MB'")
        .session_end("INSERT INTO runs SELECT current_setting('app.tenant') || current_setting('work_mem')");
    let table = folder.table();
    table.with(options.clone()).upgrade(&database.options()).await.unwrap();
    let owners =
        "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relname IN ('t1', 't3', 'migrate_revisions')";
    assert_eq!(database.psql(owners), format!("{role}\n"));
    let ran = "SELECT string_agg(what, ', ') FROM runs";
    assert_eq!(database.psql(ran), "x7MB\n");
    // Nothing to do is nothing around it.
    table.with(options.clone()).upgrade(&database.options()).await.unwrap();
    assert_eq!(database.psql(ran), "x7MB\n");
    let error =
        table.with(options.session_setup("SELECT nope")).downgrade_to(&database.options(), "base").await.unwrap_err();
    assert!(error.to_string().starts_with("the SQL before the run failed: column \"nope\" does not exist"), "{error}");
    assert_eq!(database.psql("SELECT count(*) FROM migrate_revisions"), "3\n");
    // The owner may read the table, and whoever may become the owner need not.
    let login = format!("login_{}", database.name());
    database.psql(&format!("CREATE ROLE {login} LOGIN NOINHERIT; GRANT {role} TO {login};"));
    let as_login = database.options().username(&login);
    let as_owner = Options::default().role(&role);
    table.with(as_owner.clone()).upgrade(&as_login).await.unwrap();
    assert_eq!(table.with(as_owner.clone()).verify(&as_login).await.unwrap(), Verdict::UpToDate);
    table.with(as_owner.clone()).downgrade_to(&as_login, "-1").await.unwrap();
    table.with(as_owner).upgrade(&as_login).await.unwrap();
    database.psql(&format!("DROP OWNED BY {login}; DROP ROLE {login};"));
    let nobody = Options::default().role("nobody_at_all");
    let error = table.with(nobody).downgrade_to(&database.options(), "base").await.unwrap_err().to_string();
    assert!(error.contains("role \"nobody_at_all\" does not exist"), "{error}");
    database.psql(&format!("REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role};"));
}

#[tokio::test]
async fn what_sets_up_the_session_holds_for_every_step() {
    for transactions in [Transactions::PerRevision, Transactions::All] {
        let (database, mut folder) = (Database::new(), Folder::new());
        let seen = "current_setting('app.tenant') || current_setting('work_mem') || (SELECT count(*) FROM helper)";
        folder.add("r1", &format!("CREATE TABLE s AS SELECT {seen} AS s; SET app.tenant = 'theirs';"), None);
        folder.add("r2", &format!("INSERT INTO s SELECT {seen};"), None);
        let setup = "SET app.tenant = 'x'; SET work_mem = '7MB'; CREATE TEMP TABLE helper ()";
        let options = Options::default().session_setup(setup).transactions(transactions);
        folder.table().with(options).upgrade(&database.options()).await.unwrap();
        assert_eq!(database.psql("SELECT string_agg(s, ' ') FROM s"), "x7MB0 x7MB0\n", "{transactions:?}");
    }
}
