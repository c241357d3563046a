//! A binary and a database that disagree.

use migrate_runtime::{Error, Event, OnAhead, Options, Verdict};
use migrate_tests::Database;

use super::folder::{Folder, Heard};

/// A database that a newer release with `r1`, `r2` and `r3` has upgraded, and the older release's folder.
async fn behind(header: &str) -> (Folder, Database<'static>) {
    let mut folder = Folder::new();
    folder.add("r1", "CREATE TABLE t1 ();", None).add("r2", "CREATE TABLE t2 ();", None);
    folder.add_with("r3", header, "CREATE TABLE t3 ();", None);
    let database = Database::new();
    folder.table().upgrade(&database.options()).await.unwrap();
    folder.remove("r3");
    (folder, database)
}

#[tokio::test]
async fn an_older_binary_runs_on_a_newer_database() {
    let (folder, database) = behind("").await;
    let (table, heard) = (folder.table(), Heard::default());
    let report = table.with(heard.options()).upgrade(&database.options()).await.unwrap();
    assert_eq!(report.unknown, ["r3"]);
    assert_eq!(heard.events(), [Event::Ahead { revisions: vec!["r3".into()] }]);
    assert_eq!(table.verify(&database.options()).await.unwrap(), Verdict::Ahead { unknown: vec!["r3".into()] });
}

#[tokio::test]
async fn it_refuses_when_told_to_or_when_the_revision_says_so() {
    let (folder, database) = behind("").await;
    let refusing = Options::default().on_ahead(OnAhead::Refuse);
    let error = folder.table().with(refusing).upgrade(&database.options()).await.unwrap_err();
    assert!(error.to_string().starts_with("the database is at r3, which this binary does not know"), "{error}");
    let (folder, database) = behind("--! breaks-older: true\n").await;
    let error = folder.table().upgrade(&database.options()).await.unwrap_err();
    assert!(matches!(error, Error::Ahead { .. }), "{error}");
    assert!(matches!(folder.table().verify(&database.options()).await, Err(Error::Ahead { .. })));
}

#[tokio::test]
async fn two_histories_are_told_apart() {
    let (folder, database) = behind("").await;
    folder.write("r4", "up.sql", "--! Another.\n--!\n--! parent: r2\n\nCREATE TABLE t4 ();\n");
    let error = folder.table().upgrade(&database.options()).await.unwrap_err().to_string();
    assert!(
        error.starts_with("two histories: the database has r3, which is not in the files, and lacks r4"),
        "{error}"
    );
    let verdict = folder.table().verify(&database.options()).await.unwrap();
    assert_eq!(verdict, Verdict::Diverged { unknown: vec!["r3".into()], pending: vec!["r4".into()] });
}

#[tokio::test]
async fn an_edit_is_refused_and_a_new_comment_is_not() {
    let folder = Folder::of_three_tables();
    let database = Database::new();
    folder.table().upgrade(&database.options()).await.unwrap();

    let up = folder.read("r2", "up.sql");
    folder.write("r2", "up.sql", &up.replace("CREATE TABLE t2 (a int);", "-- why\nCREATE  TABLE t2\n(a int);\r\n"));
    let heard = Heard::default();
    folder.table().with(heard.options()).upgrade(&database.options()).await.unwrap();
    let file = "migrations/r2_r2x/up.sql".to_owned();
    assert_eq!(heard.events(), [Event::CosmeticEdit { revision: "r2".into(), file }]);

    folder.write("r2", "up.sql", &up.replace("a int", "a bigint"));
    let error = folder.table().upgrade(&database.options()).await.unwrap_err().to_string();
    assert!(error.starts_with("revision r2 (migrations/r2_r2x/up.sql) was edited after it was applied: "), "{error}");
    assert!(matches!(folder.table().verify(&database.options()).await, Err(Error::Edited { .. })));

    // Line ends are no edit at all: a checkout on another system changes them.
    folder.write("r2", "up.sql", &format!("\u{feff}{}", up.replace('\n', "\r\n")));
    let heard = Heard::default();
    folder.table().with(heard.options()).upgrade(&database.options()).await.unwrap();
    assert_eq!(heard.events(), []);
}

/// `r2` stands below `r3`, which is in the files: it is no newer release's.
#[tokio::test]
async fn a_lost_file_is_told_from_a_newer_release() {
    let (mut folder, database) = (Folder::of_three_tables(), Database::new());
    folder.table().upgrade(&database.options()).await.unwrap();
    folder.remove("r2");
    let up = folder.read("r3", "up.sql");
    folder.write("r3", "up.sql", &up.replace("parent: r2", "parent: r1"));
    let heard = Heard::default();
    let report = folder.table().with(heard.options()).upgrade(&database.options()).await.unwrap();
    assert_eq!(report.unknown, ["r2"]);
    assert_eq!(heard.events().last(), Some(&Event::Lost { revisions: vec!["r2".into()] }));
    assert!(!heard.events().iter().any(|event| matches!(event, Event::Ahead { .. })), "{:?}", heard.events());
    assert_eq!(folder.table().verify(&database.options()).await.unwrap(), Verdict::UpToDate);

    // It is in nobody's way, not undone by a switch, and undone by what is stored with it.
    folder.add("r4", "CREATE TABLE t4 ();", Some("DROP TABLE t4;"));
    assert_eq!(folder.table().upgrade(&database.options()).await.unwrap().steps.len(), 1);
    assert_eq!(folder.table().with(Options::default()).switch(&database.options()).await.unwrap().steps, []);
    // One step at a time, in the order in which they were built on each other.
    for left in ["r1,r2,r3", "r1,r2", "r1", ""] {
        folder.table().downgrade_to(&database.options(), "-1").await.unwrap();
        assert_eq!(database.ask("SELECT string_agg(revision, ',' ORDER BY revision) FROM migrate_revisions"), left);
    }
    assert_eq!(database.psql("SELECT count(*) FROM pg_tables WHERE tablename ~ '^t[0-9]'"), "0\n");
}

/// An old release with a fix of the new one: the database says that the fix was built on what the old one must not run with.
#[tokio::test]
async fn a_lost_file_that_breaks_older_releases_is_refused() {
    let (mut folder, database) = (Folder::new(), Database::new());
    folder.add("r1", "CREATE TABLE t1 ();", None);
    folder.add_with("r9", "--! breaks-older: true\n", "CREATE TABLE t9 ();", Some("DROP TABLE t9;"));
    folder.add("r5", "CREATE TABLE t5 ();", Some("DROP TABLE t5;"));
    folder.table().upgrade(&database.options()).await.unwrap();
    folder.remove("r9");
    let up = folder.read("r5", "up.sql");
    folder.write("r5", "up.sql", &up.replace("parent: r9", "parent: r1"));
    let error = folder.table().upgrade(&database.options()).await.unwrap_err();
    assert!(matches!(error, Error::Ahead { .. }), "{error}");
    assert!(matches!(folder.table().verify(&database.options()).await, Err(Error::Ahead { .. })));
    // Its id comes after that of its child, which is undone first all the same.
    assert_eq!(folder.table().downgrade_to(&database.options(), "r1").await.unwrap().steps.len(), 2);
}

#[tokio::test]
async fn a_newer_layout_of_the_version_table_is_not_touched() {
    let (database, table) = (Database::new(), Folder::of_three_tables().table());
    table.upgrade(&database.options()).await.unwrap();
    database.psql("UPDATE migrate_revisions SET format = 9");
    for change in ["SELECT 1", "ALTER TABLE migrate_revisions RENAME summary TO title"] {
        database.psql(change);
        let error = table.upgrade(&database.options()).await.unwrap_err().to_string();
        assert!(
            error.contains("has format 9, and this release reads up to 1; use a newer release"),
            "{change}: {error}"
        );
    }
}
