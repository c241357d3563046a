//! Models that are wrong: what is said of each, with its place in the Rust source.

use migrate_tests::{Database, Project, cargo_migrate};

use super::package;

/// What `diff` says of a package, as `place: message; help` for each fault.
fn said(project: &Project, database: &Database<'_>) -> String {
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
