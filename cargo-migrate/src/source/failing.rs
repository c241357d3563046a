//! What the server said of a statement, as a failure that shows it and says how to go on.

mod of_models;

use migrate_build::statements;
use sqlx::postgres::PgErrorPosition;

use super::sql_file::{Origin, SqlFile};
use crate::report::{Failure, Kind};
use crate::statement::{Sent, said};

/// A statement that the server refused, and where the message begins with which it was sent.
pub(super) fn of(file: &SqlFile, n: usize, message_start: usize, error: &sqlx::Error, server: &Server<'_>) -> Failure {
    let span = file.statements[n];
    let sent = Sent { file: &file.shown, text: &file.text, statement: span.start()..span.end(), message_start };
    let Some(failure) = sent.refused(error) else {
        return Failure::new(Kind::Database, format!("the connection to {} broke: {error}", server.shown))
            .note(format!("it was loading `{}`", file.shown.display()));
    };
    let statement = file.statement(n);
    let failure = match &file.origin {
        Origin::File => failure,
        Origin::Models(script) => of_models::placed(failure, script, file, n, told(file, message_start, error), error),
    };
    let failure = failure.note(format!("this was loaded into {}", server.shown));
    let code = said(error).map(|error| error.code()).unwrap_or_default();
    failure.help(match (code, extension(statement)) {
        // Before PostgreSQL 13 that the file is missing; since then that the feature is.
        ("58P01" | "0A000", Some(name)) => missing_extension(name, server.major),
        ("42501", Some(name)) => {
            format!("only a superuser may install {name} there; a server where your role may goes into `--dev-url`")
        }
        ("42704", _) if said(error).is_some_and(|error| error.message().starts_with("role ")) => {
            "make the role on that server, or leave out who owns what: `pg_dump --no-owner --no-privileges`".to_owned()
        }
        ("42501", _) => "a server where your role may do that goes into `--dev-url`".to_owned(),
        (code, _) => match &file.origin {
            Origin::File => String::new(),
            Origin::Models(script) => of_models::help(code, script, error),
        },
    })
}

/// The byte of the text that the server points to.
pub(super) fn told(file: &SqlFile, message_start: usize, error: &sqlx::Error) -> Option<usize> {
    let Some(PgErrorPosition::Original(position)) = said(error)?.position() else { return None };
    let (byte, _) = file.sql[message_start..].char_indices().nth(position.checked_sub(1)?)?;
    Some(message_start + byte)
}

/// What is known of the server.
#[derive(Debug)]
pub(super) struct Server<'s> {
    pub(super) shown: &'s str,
    pub(super) major: u32,
    pub(super) n_files: usize,
}

impl Server<'_> {
    /// Whether other statements may make what one of this file lacks, wherever they stand. Those of models are in an order
    /// of ours.
    pub(super) fn has_others(&self, file: &SqlFile) -> bool {
        self.n_files > 1 || matches!(file.origin, Origin::Models(_))
    }
}

/// The extension that a statement installs.
fn extension(statement: &str) -> Option<&str> {
    let words = ["CREATE", "EXTENSION", "IF", "NOT", "EXISTS"];
    let tokens: Vec<&str> = statements::tokens(statement).take(6).collect();
    let n_words = tokens.iter().zip(words).take_while(|(token, word)| token.eq_ignore_ascii_case(word)).count();
    if n_words < 2 {
        return None;
    }
    tokens.get(n_words).map(|name| name.trim_matches('"'))
}

/// What to install where it is missing: the package has the version of the server in its name.
fn missing_extension(name: &str, major: u32) -> String {
    let package = match name {
        name if name.starts_with("postgis") || name.starts_with("address_standardizer") => "postgis-3",
        "vector" => "pgvector",
        "pg_cron" => "cron",
        "pg_partman" => "partman",
        "pgaudit" | "hypopg" | "rum" | "orafce" | "pgrouting" | "semver" | "ip4r" | "hll" | "pgtap" => name,
        "pg_repack" => "repack",
        "pg_ivm" => "pg-ivm",
        _ => {
            return format!(
                "install the package that has the extension {name} for PostgreSQL {major}, or name a server that has it \
                 with `--dev-url`"
            );
        }
    };
    format!(
        "install it there, as with `sudo apt-get install postgresql-{major}-{package}`, or name a server that has it with \
         `--dev-url`"
    )
}

#[cfg(test)]
mod tests {
    use super::{extension, missing_extension};

    #[test]
    fn an_extension_is_named_and_its_package_too() {
        for (statement, expected) in [
            ("CREATE EXTENSION pg_trgm", Some("pg_trgm")),
            ("create extension if not exists \"uuid-ossp\" with schema public", Some("uuid-ossp")),
            ("CREATE TABLE extension ()", None),
        ] {
            assert_eq!(extension(statement), expected, "{statement}");
        }
        assert!(missing_extension("vector", 15).contains("`sudo apt-get install postgresql-15-pgvector`"));
        assert!(missing_extension("mine", 15).contains("the extension mine for PostgreSQL 15"));
    }
}
