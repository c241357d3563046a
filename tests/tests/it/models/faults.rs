//! Models that are wrong: what is said of each, with its place in the Rust source.

use migrate_tests::{Database, Project, cargo_migrate};

use super::package;

/// What `diff` says of a package, as `place: message; help` for each fault.
pub(super) fn said(project: &Project, database: &Database<'_>) -> String {
    let words = ["diff", "--quiet", "--from", "empty", "--to", "models"];
    let output = project.run(cargo_migrate!()).args(words).env("DATABASE_URL", database.url()).run();
    let mut said = Vec::<[String; 3]>::new();
    for line in output.stderr.lines() {
        let part = |start: &str| line.trim_start().strip_prefix(start).map(str::to_owned);
        if let Some(message) = part("error: ") {
            said.push([String::new(), message, String::new()]);
        } else if let (Some(place), Some(last)) = (part("--> "), said.last_mut()) {
            last[0] = place;
        } else if let (Some(help), Some(last)) = (part("= help: "), said.last_mut()) {
            last[2] = help;
        }
    }
    assert!(!said.is_empty(), "{}", output.stderr);
    said.iter().map(|[place, message, help]| format!("{place}: {message}; {help}")).collect::<Vec<_>>().join("\n")
}

/// What the server says of an attribute of a column `price` is told of that attribute.
#[test]
fn what_the_server_refuses_is_told_of_the_rust_that_says_it() {
    let database = Database::new();
    let mut wrong = Vec::new();
    for (column, expected) in [
        (
            "#[column(default = \"nosuch()\")] price: i32",
            "src/lib.rs:4:21: function nosuch() does not exist (SQLSTATE 42883); \
             correct it, or make the function in a file that `schema` names under `[package.metadata.migrate]`",
        ),
        (
            "#[column(default = \"cheap\")] price: String",
            "src/lib.rs:4:21: cannot use column reference in DEFAULT expression (SQLSTATE 0A000); \
             a text in SQL has quotes of its own: `default = \"'…'\"`",
        ),
        (
            "#[column(check = \"prise > 0\")] price: i32",
            "src/lib.rs:4:19: column \"prise\" does not exist (SQLSTATE 42703); ",
        ),
        (
            "#[column(check = r#\"price > 0\n AND nosuch > 0\"#)] price: i32",
            "src/lib.rs:5:6: column \"nosuch\" does not exist (SQLSTATE 42703); ",
        ),
        (
            "#[column(type = \"nosuchtype\")] price: i32",
            "src/lib.rs:4:18: type \"nosuchtype\" does not exist (SQLSTATE 42704); \
             correct it, or make it in a file that `schema` names under `[package.metadata.migrate]`",
        ),
        (
            "price: sqlx::postgres::types::PgCiText",
            "src/lib.rs:4:1: type \"citext\" does not exist (SQLSTATE 42704); \
             write `CREATE EXTENSION citext` in a file that `schema` names under `[package.metadata.migrate]`",
        ),
        (
            "#[column(references = \"nosuch (id) on delete cascade\")] price: i32",
            "src/lib.rs:4:10: relation \"nosuch\" does not exist (SQLSTATE 42P01); \
             correct it, or make it in a file that `schema` names under `[package.metadata.migrate]`",
        ),
        (
            "#[column(references = \"produkt (id)\")] price: i32",
            "src/lib.rs:4:10: relation \"produkt\" does not exist (SQLSTATE 42P01); did you mean `product`?",
        ),
        (
            "#[column(references = \"product (price)\")] price: i32",
            "src/lib.rs:4:10: there is no unique constraint matching given keys for referenced table \"product\" \
             (SQLSTATE 42830); reference the primary key, or make what it references `unique`",
        ),
        (
            "#[column(index(opclass = \"gin_trgm_ops\"))] price: String",
            "src/lib.rs:4:10: operator class \"gin_trgm_ops\" does not exist for access method \"btree\" (SQLSTATE 42704); \
             write `CREATE EXTENSION pg_trgm` in a file that `schema` names under `[package.metadata.migrate]`",
        ),
        (
            "#[column(default = \"'x'::text\")] price: i32",
            "src/lib.rs:4:34: column \"price\" is of type integer but default expression is of type text (SQLSTATE 42804); ",
        ),
        (
            "#[column(generated = \"now()\", type = \"timestamptz\")] price: i32",
            "src/lib.rs:3:8: generation expression is not immutable (SQLSTATE 42P17); ",
        ),
        (
            "#[column(check = \"price >\")] price: i32",
            "src/lib.rs:4:26: syntax error at or near \")\" (SQLSTATE 42601); \
             what attributes say in quotes is given to the server as SQL: correct it there",
        ),
        (
            "#[column(check = \"price <> 'x\")] price: String",
            "src/lib.rs:4:28: unterminated string; \
             what attributes say in quotes is given to the server as SQL: correct it there",
        ),
    ] {
        let project = package(&format!(
            "use migrate_runtime::Table;\n#[derive(Table)]\nstruct Product {{ #[column(primary_key)] id: i32,\n{column} }}\n"
        ));
        let said = said(&project, &database);
        if said != expected {
            wrong.push(format!("{column}\n    said: {said}\nexpected: {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Bad input that needs no server to be seen.
#[test]
fn what_is_wrong_in_the_source_is_told_with_its_place() {
    let database = Database::new();
    let derived = |text: &str| format!("use migrate_runtime::{{Enum, Table}};\n{text}\n");
    let mut wrong = Vec::new();
    for (text, module, expected) in [
        (
            derived("#[derive(Table)]\npub struct Product {\n    #[column(primry_key)]\n    pub id: i64,\n}"),
            "",
            "src/lib.rs:4:14: unknown key `primry_key` of `column`; did you mean `primary_key`?",
        ),
        (
            derived("#[derive(Table)]\n#[table(columns(a))]\npub struct Product {\n    pub id: i64,\n}"),
            "",
            "src/lib.rs:3:9: unknown key `columns` of `table`; the keys are `name`, `schema`, `comment`, `doc_comments`, \
             `renamed_from`, `primary_key`, `unique`, `check`, `foreign_key`, `exclude`, `index`, `unlogged`, `inherits`, \
             `options`, `partition_by`, `partition`, `row_level_security`, `force_row_level_security`, `replica_identity` \
             and `mixin`",
        ),
        (
            derived(
                "#[derive(Table)]\npub struct Product {\n    pub id: u64,\n    pub size: Size,\n}\npub struct Size(f32, f32);",
            ),
            "",
            "src/lib.rs:4:13: the Postgres type of `u64` is not known; sqlx stores no `u64`: use `i64`, or say the type of \
             the column with `#[column(type = \"…\")]`\n\
             src/lib.rs:5:15: the Postgres type of `Size` is not known; say it with `#[column(type = \"…\")]` on the field; a \
             newtype of the package is followed with `#[sqlx(transparent)]`, an enum with `#[derive(Enum)]`, and \
             what is stored as JSON is `sqlx::types::Json<…>`",
        ),
        (
            derived("mod other;\n#[derive(Table)]\n#[table(name = \"products\")]\npub struct Product { pub id: i64 }"),
            "#[derive(migrate_runtime::Table)]\npub struct Products { pub id: i64 }\n",
            "src/other.rs:2:12: there are two models of the table `products`; the other is at src/lib.rs:5:12: give one \
             another `name`",
        ),
        (
            derived("#[cfg(feature = \"shop\")]\nmod other;"),
            "#[derive(migrate_runtime::Table)]\npub struct Product { pub id: i64 }\n",
            "src/lib.rs:2:3: whether `Product` is a model depends on how the package is compiled, and that cannot be read; \
             remove the condition, or name the file of the module as one that counts: `models = [\"src/models.rs\"]` under \
             `[package.metadata.migrate]`",
        ),
        (
            derived("mod other;"),
            "#[derive(migrate_runtime::Table)]\npub struct Product {\n    pub id i64,\n}\n",
            "src/other.rs:3:12: the file is not valid Rust: expected `:`; mend it, then run the command again",
        ),
        (
            derived("mod other;"),
            "pub struct Product {\n    pub id: i64,\n",
            "src/other.rs:1:20: the file is not valid Rust: a bracket or a text here has no other end; mend it, then \
             run the command again",
        ),
    ] {
        let project = package(&text);
        if !module.is_empty() {
            project.write("src/other.rs", module);
        }
        let said = said(&project, &database);
        if said != expected {
            wrong.push(format!("{text}{module}\n    said: {said}\nexpected: {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
