//! Models with an SQL file beside them: each may use what the other has, wherever it stands.

use migrate_tests::{Database, Project, cargo_migrate};

const MODELS: &str = r#"
use migrate_runtime::Table;

#[derive(Table)]
pub struct Product {
    #[column(primary_key)]
    pub id: i64,
    #[column(type = "price", check = "is_fair(price)")]
    pub price: i64,
    #[column(type = "zone")]
    pub place: String,
    #[column(references = "legacy (id)")]
    pub legacy: i32,
}

/// Comes after the table that has a column of its type.
#[derive(Table)]
pub struct Zone {
    #[column(type = "legacy_kind")]
    pub kind: String,
}
"#;

/// What uses the models comes first, and before what the models use.
const SCHEMA: &str = "\
CREATE VIEW cheap AS SELECT id, place FROM product WHERE price < 10;
CREATE FUNCTION n_products() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM product';
CREATE TRIGGER same BEFORE UPDATE ON product FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
COMMENT ON COLUMN product.price IS 'in cents';
CREATE POLICY all_of_them ON product USING (true);
CREATE DOMAIN price AS bigint CHECK (VALUE >= 0);
CREATE FUNCTION is_fair(bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < 1000';
CREATE TABLE legacy (id int PRIMARY KEY);
CREATE TYPE legacy_kind AS ENUM ('a', 'b');
";

fn package(models: &str) -> Project {
    let project = super::package(models);
    let manifest = project.read("Cargo.toml");
    project.write("Cargo.toml", &format!("{manifest}\n[package.metadata.migrate]\nschema = \"schema.sql\"\n"));
    project.write("schema.sql", SCHEMA);
    project
}

#[test]
fn models_and_sql_use_one_another_in_any_order() {
    let (project, database) = (package(MODELS), Database::new());
    let diff = |more: &[&str]| {
        let words = [&["diff", "--quiet", "--from", "database", "--to", "models"], more].concat();
        project.run(cargo_migrate!()).args(words).env("DATABASE_URL", database.url()).run()
    };
    let sql = diff(&[]).success().stdout;
    database.psql(&sql);
    assert_eq!(diff(&["--exit-code"]).success().stdout, "");
    for (query, expected) in [
        (
            "SELECT string_agg(attname || ' ' || atttypid::regtype, ', ' ORDER BY attnum) FROM pg_attribute \
          WHERE attrelid = 'product'::regclass AND attnum > 0",
            "id bigint, price price, place zone, legacy integer",
        ),
        ("SELECT count(*) FROM cheap", "0"),
        ("SELECT n_products()", "0"),
        ("SELECT polname FROM pg_policy", "all_of_them"),
    ] {
        assert_eq!(database.psql(query).trim(), expected, "{query}");
    }
}

/// All that waits for the wrong statement fails too, and comes before it.
#[test]
fn the_statement_that_is_wrong_is_told_and_not_what_waits_for_it() {
    let database = Database::new();
    for (wrong, expected) in [
        (
            MODELS.replace("\"legacy_kind\"", "\"legacy_kin\""),
            "src/lib.rs:19:22: type \"legacy_kin\" does not exist (SQLSTATE 42704); \
          correct it, or make it in a file that `schema` names under `[package.metadata.migrate]`",
        ),
        (
            MODELS.replace("is_fair", "is_far"),
            "src/lib.rs:8:39: function is_far(price) does not exist (SQLSTATE 42883); \
          correct it, or make the function in a file that `schema` names under `[package.metadata.migrate]`",
        ),
        (
            MODELS.replace("struct Product", "struct Products"),
            "schema.sql:1:44: relation \"product\" does not exist (SQLSTATE 42P01); ",
        ),
        (
            format!("{MODELS}\n#[derive(Table)]\npub struct Legacy {{ id: i32 }}\n"),
            "src/lib.rs:24:12: relation \"legacy\" already exists (SQLSTATE 42P07); \
          it is made twice, by a model and in an SQL file: leave one of the two out",
        ),
    ] {
        assert_eq!(super::faults::said(&package(&wrong), &database), expected);
    }
}
