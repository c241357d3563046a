//! A package that includes the revisions of others: one table for all, a key for each.

use migrate_build::{Crates, History};
use migrate_runtime::plan::Direction;
use migrate_runtime::table::Composition;
use migrate_runtime::{Error, Migrations, Options, Purge, Range, Target, Verdict};
use migrate_tests::{Database, Project, Proxy};
use sqlx::postgres::PgConnectOptions;
use std::path::Path;

/// A revision `id` in `folder`, that makes a table named after both.
fn add(project: &Project, folder: &str, id: &str, header: &str) {
    let table = format!("{folder}_{id}");
    project.write(
        &format!("{folder}/{id}_r{id}/up.sql"),
        &format!("--! Make {table}.\n--!\n{header}\n\nCREATE TABLE {table} (a int);\n"),
    );
    project.write(&format!("{folder}/{id}_r{id}/down.sql"), &format!("DROP TABLE {table};\n"));
}

fn table(project: &Project, folder: &str, crates: &Crates) -> Migrations {
    let history = History::read(&project.path(folder), Path::new(folder), crates);
    history.unwrap_or_else(|problems| panic!("{problems}")).table(folder)
}

/// `auth` with two revisions, and `shop` with two of which the second needs the first of those.
fn shop() -> (Project, Migrations) {
    let project = Project::empty();
    add(&project, "auth", "1", "--! parent: base");
    add(&project, "auth", "2", "--! parent: 1");
    add(&project, "shop", "1", "--! parent: base");
    add(&project, "shop", "2", "--! parent: 1\n--! depends-on: auth::1");
    let table = reread(&project);
    (project, table)
}

fn reread(project: &Project) -> Migrations {
    let auth = table(project, "auth", &Crates::none());
    table(project, "shop", &Crates::of("shop", vec![("auth".to_owned(), auth)]))
}

const ROWS: &str = "SELECT string_agg(package || ' ' || revision || ' ' || depends_on::text, ', ' ORDER BY package, revision) \
                    FROM migrate_revisions";
const TABLES: &str = "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE tablename LIKE '%\\__'";

#[tokio::test]
async fn each_package_keeps_its_key_and_steps_are_ordered_across_them() {
    let ((_project, table), database) = (shop(), Database::new());
    let report = table.upgrade(&database.options()).await.unwrap();
    let steps: Vec<&str> = report.steps.iter().map(|step| step.revision.as_str()).collect();
    assert_eq!(steps, ["auth::1", "auth::2", "1", "2"]);
    assert_eq!(report.to_string(), "upgraded by 4 revisions to 2, auth::2");
    assert_eq!(database.ask(ROWS), "auth 1 {}, auth 2 {}, shop 1 {}, shop 2 {auth::1}");

    table.downgrade_to(&database.options(), "auth@base").await.unwrap();
    assert_eq!(database.ask(TABLES), "shop_1", "what needs it went first");
    table.upgrade_to(&database.options(), "2").await.unwrap();
    assert_eq!(database.ask(TABLES), "auth_1 shop_1 shop_2", "what it needs came first");
    let verdict = table.verify(&database.options()).await.unwrap();
    assert_eq!(verdict, Verdict::Pending { revisions: vec!["auth::2".to_owned()] });
}

#[tokio::test]
async fn it_costs_what_one_package_costs() {
    let ((_project, table), database) = (shop(), Database::new());
    let proxy = Proxy::start(&database).await;
    let options: PgConnectOptions = proxy.url().parse().unwrap();
    table.upgrade(&options).await.unwrap();
    assert_eq!(proxy.take().round_trips(), 4 + 1, "a round trip a revision, and one for the run");
    table.upgrade(&options).await.unwrap();
    assert_eq!(proxy.take().round_trips(), 1, "nothing pending");
}

#[tokio::test]
async fn a_newer_library_brings_its_revisions_and_an_older_one_is_ahead() {
    let ((project, older), database) = (shop(), Database::new());
    older.upgrade(&database.options()).await.unwrap();
    add(&project, "auth", "3", "--! parent: 2");
    let newer = reread(&project);
    let verdict = newer.verify(&database.options()).await.unwrap();
    assert_eq!(verdict, Verdict::Pending { revisions: vec!["auth::3".to_owned()] });
    newer.upgrade(&database.options()).await.unwrap();
    let verdict = older.verify(&database.options()).await.unwrap();
    assert_eq!(verdict, Verdict::Ahead { unknown: vec!["auth::3".to_owned()] });
    // What undoes it is stored with its row.
    older.downgrade_to(&database.options(), "auth::2").await.unwrap();
    assert_eq!(database.ask(TABLES), "auth_1 auth_2 shop_1 shop_2");
}

#[tokio::test]
async fn a_library_on_its_own_is_current_and_does_not_undo_what_others_need() {
    let ((project, shop), database) = (shop(), Database::new());
    shop.upgrade(&database.options()).await.unwrap();
    let auth = table(&project, "auth", &Crates::none());
    assert_eq!(auth.verify(&database.options()).await.unwrap(), Verdict::UpToDate);
    let refused = auth.downgrade_to(&database.options(), "base").await.unwrap_err();
    assert!(matches!(refused, Error::DependedOn { .. }));
    assert_eq!(refused.to_string(), "1 cannot be undone: shop::2, which is applied, depends on it");
    assert_eq!(database.ask(TABLES), "auth_1 auth_2 shop_1 shop_2", "nothing was done");
    auth.downgrade_to(&database.options(), "1").await.unwrap();
    assert_eq!(database.ask(TABLES), "auth_1 shop_1 shop_2");
}

#[tokio::test]
async fn a_library_that_is_applied_under_another_name_is_refused() {
    let ((project, shop), database) = (shop(), Database::new());
    table(&project, "auth", &Crates::none()).upgrade(&database.options()).await.unwrap();
    database.psql("UPDATE migrate_revisions SET package = 'old-auth'");
    let refused = shop.upgrade(&database.options()).await.unwrap_err();
    assert!(matches!(&refused, Error::OtherPackage { package: "auth", other, .. } if other == "old-auth"), "{refused}");
    assert_eq!(database.ask(TABLES), "auth_1 auth_2", "nothing was done");
}

/// Two applications with one library: that one has a newer version of it is no other history for the other.
#[tokio::test]
async fn an_application_goes_on_where_another_has_upgraded_their_library() {
    let ((project, shop), database) = (shop(), Database::new());
    shop.upgrade(&database.options()).await.unwrap();
    add(&project, "auth", "3", "--! parent: 2");
    let auth = table(&project, "auth", &Crates::none());
    auth.upgrade(&database.options()).await.unwrap();
    project.remove("auth/3_r3");
    add(&project, "shop", "3", "--! parent: 2");
    let shop = reread(&project);
    let verdict = shop.verify(&database.options()).await.unwrap();
    assert_eq!(verdict, Verdict::Pending { revisions: vec!["3".to_owned()] });
    let report = shop.upgrade(&database.options()).await.unwrap();
    assert_eq!((report.steps.len(), report.unknown), (1, vec!["auth::3".to_owned()]));
    // A stamp of its own revisions is its own matter, and a switch leaves the library to whoever upgraded it.
    shop.with(Options::default()).stamp(&database.options(), &[Target::from("2")], Purge::Nothing).await.unwrap();
    database.psql("DROP TABLE shop_3");
    shop.with(Options::default()).switch(&database.options()).await.unwrap();
    assert_eq!(database.ask(TABLES), "auth_1 auth_2 auth_3 shop_1 shop_2 shop_3");

    // Where both lack something of the library, its histories have parted.
    add(&project, "auth", "4", "--! parent: 2");
    let parted = reread(&project);
    let refused = parted.upgrade(&database.options()).await.unwrap_err();
    assert!(matches!(refused, Error::Diverged { .. }), "{refused}");
    parted.with(Options::default()).switch(&database.options()).await.unwrap();
    assert_eq!(database.ask(TABLES), "auth_1 auth_2 auth_4 shop_1 shop_2 shop_3");
}

#[tokio::test]
async fn a_stamp_keeps_what_others_have_and_refuses_what_they_need() {
    let ((project, shop), database) = (shop(), Database::new());
    shop.upgrade(&database.options()).await.unwrap();
    let migrator = shop.with(Options::default());
    migrator.stamp(&database.options(), &[Target::from("head")], Purge::Everything).await.unwrap();
    assert_eq!(database.ask(ROWS), "auth 1 {}, auth 2 {}, shop 1 {}, shop 2 {auth::1}", "the library's rows stay");

    let auth = table(&project, "auth", &Crates::none());
    let auth = auth.with(Options::default());
    let refused = auth.stamp(&database.options(), &[Target::base()], Purge::Nothing).await.unwrap_err();
    assert_eq!(refused.to_string(), "1 cannot be undone: shop::2, which is applied, depends on it");
    auth.stamp(&database.options(), &[Target::base()], Purge::Everything).await.unwrap();
    assert_eq!(database.ask(ROWS), "shop 1 {}, shop 2 {auth::1}", "the way round it");
}

#[tokio::test]
async fn offline_sql_and_stamps_keep_the_keys() {
    let ((_project, table), run, offline, stamped) = (shop(), Database::new(), Database::new(), Database::new());
    table.upgrade(&run.options()).await.unwrap();
    let migrator = table.with(Options::default());
    offline.psql(&migrator.sql(Direction::Up, &Range::new("base", "heads")).await.unwrap());
    migrator.stamp(&stamped.options(), &[Target::heads()], Purge::Nothing).await.unwrap();
    for database in [&offline, &stamped] {
        assert_eq!(database.ask(ROWS), run.ask(ROWS));
    }
    assert_eq!(offline.objects(), run.objects());

    // What a text begins with is looked up under each key.
    let down = migrator.sql(Direction::Down, &Range::new("2,auth::2", "auth@base")).await.unwrap();
    offline.psql(&down);
    assert_eq!((offline.ask(TABLES), offline.ask(ROWS)), ("shop_1".to_owned(), "shop 1 {}".to_owned()));
    assert!(offline.try_psql(&down).is_err(), "the database is not where the text begins");
}

/// As generated code has it: the tables are put together when they are first asked for.
#[tokio::test]
async fn the_compiled_form_runs_the_same() {
    let project = shop().0;
    let auth: &Migrations = Box::leak(Box::new(table(&project, "auth", &Crates::none())));
    let composition: &Composition = Box::leak(Box::new(Composition::new(vec![("auth", auth)].leak())));
    let own = reread(&project).list().iter().filter(|migration| !migration.id().contains("::")).copied();
    let shop = Migrations::new("shop", own.collect::<Vec<_>>().leak()).including(composition);
    let database = Database::new();
    shop.upgrade(&database.options()).await.unwrap();
    assert_eq!(database.ask(ROWS), "auth 1 {}, auth 2 {}, shop 1 {}, shop 2 {auth::1}");
    assert_eq!(shop.verify(&database.options()).await.unwrap(), Verdict::UpToDate);
}
