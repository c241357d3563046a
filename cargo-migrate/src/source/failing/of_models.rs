//! What the server said of the SQL of models, told of the Rust that the SQL comes from.

use super::super::sql_file::{IS_SQL, SqlFile};
use crate::models::Script;
use crate::report::Failure;
use crate::statement::said;

/// Types and operator classes, each with the extension that has it.
const EXTENSIONS: [(&str, &str); 13] = [
    ("citext", "citext"),
    ("cube", "cube"),
    ("geography", "postgis"),
    ("geometry", "postgis"),
    ("gin_trgm_ops", "pg_trgm"),
    ("gist_trgm_ops", "pg_trgm"),
    ("halfvec", "vector"),
    ("hstore", "hstore"),
    ("lquery", "ltree"),
    ("ltree", "ltree"),
    ("semver", "semver"),
    ("sparsevec", "vector"),
    ("vector", "vector"),
];

/// The failure at the attribute, field or struct that the server means. Where it does not point to a place, the SQL is
/// shown, since nobody has seen it.
pub(super) fn placed(
    failure: Failure,
    script: &Script,
    file: &SqlFile,
    n: usize,
    told: Option<usize>,
    error: &sqlx::Error,
) -> Failure {
    let span = file.statements[n];
    let statement = span.start()..span.end();
    if let Some(offset) = told.filter(|offset| statement.contains(offset)) {
        return file.placed(failure, offset);
    }
    // `column "price" is of type numeric but default expression is of type text`
    let message = said(error).map(|error| error.message()).unwrap_or_default();
    let column = message.strip_prefix("column ").and_then(first_name);
    let offset = column.and_then(|column| script.offset_of_column(statement.clone(), column));
    file.placed(failure, offset.unwrap_or(statement.start)).note(format!("the SQL of it is: {}", file.statement(n)))
}

/// What to do about what models have that the server does not take.
pub(super) fn help(code: &str, script: &Script, error: &sqlx::Error) -> String {
    let message = said(error).map(|error| error.message()).unwrap_or_default();
    let name = || first_name(message)?.rsplit('.').next();
    match code {
        // `undefined_object`, as a type or an operator class.
        "42704" if let Some(extension) = extension_of(message) => {
            format!(
                "write `CREATE EXTENSION {extension}` in a file that `schema` names under `[package.metadata.migrate]`"
            )
        }
        // `undefined_table`.
        "42P01" | "42704" => match name().and_then(|name| script.nearest(name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                "correct it, or make it in a file that `schema` names under `[package.metadata.migrate]`".to_owned()
            }
        },
        "0A000" if message.starts_with("cannot use column reference in DEFAULT") => {
            "a text in SQL has quotes of its own: `default = \"'…'\"`".to_owned()
        }
        // `undefined_function`.
        "42883" => "correct it, or make the function in a file that `schema` names under `[package.metadata.migrate]`"
            .to_owned(),
        // `duplicate_table`, `duplicate_object`, `duplicate_function`.
        "42P07" | "42710" | "42723" => {
            "it is made twice, by a model and in an SQL file: leave one of the two out".to_owned()
        }
        // `syntax_error`.
        "42601" => IS_SQL.to_owned(),
        // `invalid_foreign_key`: nothing says that what it references is unique.
        "42830" => "reference the primary key, or make what it references `unique`".to_owned(),
        _ => String::new(),
    }
}

/// The extension that has what is missing.
fn extension_of(message: &str) -> Option<&'static str> {
    if message.contains("has no default operator class for access method") {
        let of_method = |method: &str| message.ends_with(&format!("\"{method}\""));
        return of_method("gist").then_some("btree_gist").or_else(|| of_method("gin").then_some("btree_gin"));
    }
    let name = first_name(message)?;
    EXTENSIONS.iter().find(|(object, _)| *object == name).map(|(_, extension)| *extension)
}

/// The first name in quotes of a message.
fn first_name(message: &str) -> Option<&str> {
    message.split('"').nth(1)
}
