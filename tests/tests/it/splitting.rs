//! The splitter beside the server's own scanner and grammar.
//!
//! psql would be no judge: what it does with `BEGIN ATOMIC` is a guess of its own, and it knows backslashes. The server
//! has two ways to say what it sees, neither of which runs anything:
//!
//! - A prepared statement is one statement. When each piece can be prepared, and there is a semicolon between any two,
//!   the pieces are the server's own split, since its grammar reads a text in one way only.
//! - PL/pgSQL reads an expression token by token with the server's scanner, up to the semicolon outside parentheses, and
//!   parses it only when it is run. So any tokens will do, also those that are no SQL.

#[path = "../../../migrate-build/tests/splitter/script.rs"]
mod script;

use std::cell::RefCell;

use migrate_build::statements::split;
use migrate_tests::Database;
use proptest::prelude::*;
use sqlx::{AssertSqlSafe, Executor, PgConnection, SqlSafeStr};
use tokio::runtime::Runtime;

use self::script::scripts;

/// Without files of failed cases: what fails becomes a case of an ordinary test.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// One connection for all cases: a session each would take most of the time.
struct Server {
    runtime: Runtime,
    connection: RefCell<PgConnection>,
}

impl Server {
    fn of(database: &Database<'_>) -> Self {
        let runtime = Runtime::new().unwrap();
        let mut connection = runtime.block_on(database.connect());
        // Else PL/pgSQL would parse each expression, as SQL.
        runtime.block_on(connection.execute("SET check_function_bodies = off")).unwrap();
        Self { runtime, connection: connection.into() }
    }

    fn prepare(&self, sql: &str) -> Result<(), String> {
        let sql = AssertSqlSafe(sql.to_owned()).into_sql_str();
        let prepared = self.runtime.block_on(self.connection.borrow_mut().prepare(sql));
        prepared.map(|_| ()).map_err(|error| said(&error))
    }

    /// Whether it can scan a text as one expression; none where it finds fault with what is inside a token, which is not
    /// a splitter's business.
    fn scan(&self, tokens: &str) -> Option<Result<(), String>> {
        let scanned = format!("DO $scanned$BEGIN RETURN; PERFORM 1 {tokens}\n; END$scanned$");
        let done = self.runtime.block_on(self.connection.borrow_mut().execute(sqlx::raw_sql(AssertSqlSafe(scanned))));
        let Err(message) = done.map(|_| ()).map_err(|error| said(&error)) else { return Some(Ok(())) };
        let inside = ["zero-length delimited identifier", "trailing junk after", "invalid Unicode escape"];
        (!inside.iter().any(|start| message.starts_with(start))).then_some(Err(message))
    }
}

fn said(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

#[test]
fn each_statement_is_one_to_the_server() {
    let database = Database::new();
    // Before version 14 no function has a body of statements.
    if database.server_major() < 14 {
        return;
    }
    let server = Server::of(&database);
    proptest!(cases(64), |(script in scripts())| {
        let sql = &script.text;
        let spans = split(sql).unwrap();
        for span in &spans {
            let statement = &sql[span.start()..span.end()];
            prop_assert_eq!(server.prepare(statement), Ok(()), "{:?}", statement);
        }
        let refused = Err("cannot insert multiple commands into a prepared statement".to_owned());
        prop_assert_eq!(server.prepare(sql), if script.statements.len() > 1 { refused } else { Ok(()) });
    });
}

/// The places of the semicolons that are tokens to the splitter, in a text that it can split.
fn semicolons(sql: &str) -> Vec<usize> {
    // What comes before such a one leaves nothing open, and a quote in its place begins a string, as in no comment.
    let is_token = |before: &str| split(before).is_ok() && split(&format!("{before}'")).is_err();
    sql.match_indices(';').map(|(at, _)| at).filter(|at| is_token(&sql[..*at])).collect()
}

fn with(sql: &str, at: usize, symbol: &str) -> String {
    [&sql[..at], symbol, &sql[at + 1..]].concat()
}

#[test]
fn tokens_end_where_they_do_for_the_server() {
    let database = Database::new();
    let server = Server::of(&database);
    // Mostly tokens that end, so that a semicolon is often one; and pieces of tokens among them.
    let tokens = [
        r#";|;|[aé0 ]|[.:+@<*,]|\n|--[;'a]{0,2}[\n\r]|/\*[;'a/*-]{0,3}\*/|/\*/\*;\*/;\*/|"[;'a$]{1,3}"|""a;"""#,
        r#"[bBxXnNuU]?&?'[;"$a\\/*-]{0,3}'|[eE]'(\\'|\\\\|[;"a-]){0,2}'|'a' ?\n ?'[;\\]'|E'a' --;\n'\\''"#,
        r#"\$\$[;'"a/*-]{0,3}\$\$|\$a\$[;'$]{0,3}\$a\$|a\$[;a]|\$[a1]\$?|\$é?\$|['"$*eEuU&\\\r/-]|--|/\*|\*/|\u{a0}"#,
    ];
    let tokens = format!("({}){{0,16}}", tokens.join("|"));
    proptest!(cases(256), |(sql in tokens.as_str())| {
        match split(&sql) {
            Ok(_) => {
                let semicolons = semicolons(&sql);
                let without = semicolons.iter().fold(sql.clone(), |sql, at| with(&sql, *at, ","));
                let Some(scanned) = server.scan(&without) else { return Ok(()) };
                prop_assert_eq!(scanned, Ok(()), "{:?}", without);
                for at in semicolons {
                    // A parenthesis is seen only where a semicolon is.
                    let seen = Some(Err("mismatched parentheses at or near \")\"".to_owned()));
                    prop_assert_eq!(server.scan(&with(&without, at, ")")), seen, "{} of {:?}", at, sql);
                }
            }
            Err(error) => {
                let unfinished = &sql[error.offset..];
                let scanned = server.scan(unfinished);
                let is_refused = scanned.is_none_or(|scanned| scanned.is_err_and(|said| said.starts_with("unterminated ")));
                prop_assert!(is_refused, "{:?}", unfinished);
            }
        }
    });
}
