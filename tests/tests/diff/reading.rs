//! What is read of a database, by whom and through which session makes no difference.

use crate::check::{load_text, read};
use cargo_migrate::catalog::{self, Filter};
use migrate_schema::{Aspect, Catalog, Id, Kind, Name, Options, diff};
use migrate_tests::{Cluster, Database, VERSION_TABLE};
use sqlx::{AssertSqlSafe, ConnectOptions};

const SCHEMA: &str = "
    CREATE SCHEMA app;
    CREATE TYPE app.mood AS ENUM ('happy', 'sad');
    CREATE TABLE app.people (id serial PRIMARY KEY, born date DEFAULT '2000-01-31', mood app.mood DEFAULT 'sad');
    CREATE TABLE tmp_people (id int);
    CREATE INDEX ON app.people (born) WHERE born > '1990-12-01';
    CREATE FUNCTION age(app.people) RETURNS interval LANGUAGE sql AS 'SELECT now() - $1.born';
    CREATE PUBLICATION news FOR TABLE app.people;
    COMMENT ON COLUMN app.people.born IS 'a day';";

async fn read_as(database: &Database<'_>, user: &str, settings: &str, filter: &Filter) -> Catalog {
    let mut connection = database.options().username(user).connect().await.expect("the role may connect");
    sqlx::raw_sql(AssertSqlSafe(settings)).execute(&mut connection).await.expect("the settings are accepted");
    catalog::read(&mut connection, filter).await.unwrap_or_else(|error| panic!("{:?}", error.source))
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_reads_the_same_through_any_session() {
    let database = Database::on(Cluster::shared());
    load_text(&database, SCHEMA);
    let role = format!("reader_of_{}", database.name());
    load_text(&database, &format!("CREATE ROLE {role} LOGIN"));
    let settings = "SET search_path = app, pg_catalog; SET datestyle = 'SQL, DMY'; SET quote_all_identifiers = on;
        SET timezone = 'Asia/Kolkata'; SET intervalstyle = sql_standard;";
    let plain = read_as(&database, "postgres", "", &Filter::default()).await;
    let mut other = read_as(&database, &role, settings, &Filter::default()).await;
    load_text(&database, &format!("DROP ROLE {role}"));
    assert_eq!(other.role, role);
    other.role.clone_from(&plain.role);
    assert_eq!(plain, other);
    assert!(plain.contains(&Id::column(&Name::new("app", "people"), "born").aspect(Aspect::Comment)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_filtered_out_is_not_there_with_all_its_parts() {
    let database = Database::on(Cluster::shared());
    load_text(&database, SCHEMA);
    let before = read_as(&database, "postgres", "", &Filter::default()).await;
    load_text(
        &database,
        &format!("CREATE TABLE {VERSION_TABLE} (id text PRIMARY KEY); CREATE INDEX ON {VERSION_TABLE} (id)"),
    );
    let version_table = VERSION_TABLE.split_once('.').map(|(schema, table)| (schema.to_owned(), table.to_owned()));
    let filter = Filter { version_table, ..Filter::default() };
    assert!(diff(&before, &read_as(&database, "postgres", "", &filter).await, &Options::default()).is_empty());
    let filter = Filter { exclude: vec!["tmp_*".to_owned()], schemas: vec!["public".to_owned()], ..filter };
    let few = read_as(&database, "postgres", "", &filter).await;
    let kinds: Vec<Kind> = few.objects.keys().filter(|id| !id.name.schema.is_empty()).map(|id| id.kind).collect();
    assert!(kinds.iter().all(|kind| *kind == Kind::Routine), "{kinds:?}");
}

#[test]
fn what_an_extension_has_is_its_own() {
    let database = Database::on(Cluster::shared());
    let without = read(&database);
    load_text(&database, "CREATE EXTENSION hstore; CREATE TABLE t (h hstore)");
    let with = read(&database);
    let script = diff(&without, &with, &Options::default()).sql();
    assert_eq!(script, "CREATE EXTENSION hstore;\n\nCREATE TABLE t (\n    h hstore\n);\n");
}
