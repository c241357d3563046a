//! Checks a SQL script: what cannot be sent to a server, and what does not go with its transaction.

use migrate_runtime::table::{Position, Transaction};

use crate::lexer::{Kind, Token};
use crate::problem::Problem;
use crate::source::Text;
use crate::statements::{Statement, Tokens};

/// Checks the statements of a script that runs as `transaction` says, where that is known.
pub(crate) fn check(text: &Text, script: &Tokens<'_>, transaction: Option<Transaction>, problems: &mut Vec<Problem>) {
    let mut report = |offset: usize, message: String, help: &str| {
        problems.push(Problem::new(&text.shown, message).at(Position::of(&text.text, offset)).help(help));
    };
    for statement in &script.statements {
        let tokens = statement.tokens();
        if let Some((offset, command)) = psql_command(tokens) {
            report(
                offset,
                format!("the psql command `{command}`, which the server does not know"),
                "delete the line; only psql itself runs such commands",
            );
            // What follows may be an argument of psql's and no SQL.
            continue;
        }
        match client_copy(tokens) {
            Some(Copy::FromClient) => {
                report(
                    tokens[0].start,
                    "`COPY … FROM stdin`, whose rows only psql can send".to_owned(),
                    "write `INSERT` instead, or copy in a Rust revision: `cargo migrate new --rust`",
                );
                // The rows follow, and they are no SQL.
                return;
            }
            Some(Copy::ToClient) => {
                report(
                    tokens[0].start,
                    "`COPY … TO stdout`, whose rows only psql can receive".to_owned(),
                    "write to a file with a client program, or in a Rust revision: `cargo migrate new --rust`",
                );
                continue;
            }
            None => {}
        }
        let fault = match transaction {
            Some(Transaction::PerRevision) => fault_inside(statement),
            Some(Transaction::None) => fault_outside(statement),
            // Nobody can say what does not go with it.
            None => None,
        };
        if let Some((message, help)) = fault {
            report(tokens[0].start, message, help);
        }
    }
    if let Some(error) = &script.error {
        report(error.offset, error.message.clone(), "close it; it begins here and runs to the end of the file");
    }
}

/// A backslash where a token begins, and the command it makes.
fn psql_command(tokens: &[Token<'_>]) -> Option<(usize, String)> {
    let at = tokens.iter().position(|token| token.is_symbol("\\"))?;
    let backslash = &tokens[at];
    let name = tokens.get(at + 1).filter(|next| next.start == backslash.end()).map_or("", |next| next.text);
    Some((backslash.start, format!("\\{name}")))
}

/// What is wrong with this statement in a transaction that the executor has begun, and what to do.
fn fault_inside(statement: &Statement<'_>) -> Option<(String, &'static str)> {
    if let Some(command) = transaction_control(statement) {
        return Some((
            format!("`{command}` in a script that runs inside a transaction"),
            "delete it: each revision has a transaction of its own",
        ));
    }
    let command = refused_in_transaction(statement)?;
    Some((
        format!("Postgres refuses `{command}` inside a transaction"),
        "add the line `--! transaction: none` to the file's header, and put other changes into another revision",
    ))
}

/// What is wrong with this statement where each is a commit of its own and progress is recorded in between, and what
/// to do.
fn fault_outside(statement: &Statement<'_>) -> Option<(String, &'static str)> {
    if let Some(command) = transaction_control(statement).or_else(|| savepoint(statement).map(str::to_owned)) {
        return Some((
            format!("`{command}` in a script without a transaction"),
            "delete it: each statement is committed on its own; \
             put what must go together into a revision of its own without `transaction: none`",
        ));
    }
    sets_session_authorization(statement).then(|| {
        (
            "`SET SESSION AUTHORIZATION` in a script without a transaction".to_owned(),
            "progress is recorded between the statements, as the user who began: \
             put what another user must do into a revision of its own without `transaction: none`",
        )
    })
}

/// A copy whose rows go over the connection.
enum Copy {
    FromClient,
    ToClient,
}

fn client_copy(tokens: &[Token<'_>]) -> Option<Copy> {
    if !tokens[0].is_word("COPY") {
        return None;
    }
    let mut depth = 0_i32;
    tokens.windows(2).find_map(|pair| {
        depth += i32::from(pair[0].is_symbol("(")) - i32::from(pair[0].is_symbol(")"));
        // The server takes either word for the client, in both directions.
        let is_client = pair[1].is_word("STDIN") || pair[1].is_word("STDOUT");
        match &pair[0] {
            _ if depth != 0 || !is_client => None,
            from if from.is_word("FROM") => Some(Copy::FromClient),
            to if to.is_word("TO") => Some(Copy::ToClient),
            _ => None,
        }
    })
}

/// The words that a statement begins with, in upper case, up to the first token that is none.
fn leading_words(statement: &Statement<'_>) -> Vec<String> {
    let words = statement.tokens().iter().take_while(|token| token.kind == Kind::Word);
    words.take(8).map(|token| token.text.to_ascii_uppercase()).collect()
}

/// The command by which this statement begins or ends a transaction.
fn transaction_control(statement: &Statement<'_>) -> Option<String> {
    let words = leading_words(statement);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["ROLLBACK", "TO", ..] | ["ROLLBACK", "WORK" | "TRANSACTION", "TO", ..] => None,
        [first @ ("COMMIT" | "ROLLBACK"), "PREPARED", ..] => Some(format!("{first} PREPARED")),
        [first @ ("BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "ABORT"), ..] => Some(first.to_owned()),
        [first @ ("START" | "PREPARE"), "TRANSACTION", ..] => Some(format!("{first} TRANSACTION")),
        _ => None,
    }
}

/// The command by which this statement makes, forgets or goes back to a savepoint.
fn savepoint(statement: &Statement<'_>) -> Option<&'static str> {
    let first = &statement.tokens()[0];
    if first.is_word("SAVEPOINT") {
        Some("SAVEPOINT")
    } else if first.is_word("RELEASE") {
        Some("RELEASE SAVEPOINT")
    } else {
        // Any other ROLLBACK is transaction control.
        (first.is_word("ROLLBACK") && transaction_control(statement).is_none()).then_some("ROLLBACK TO SAVEPOINT")
    }
}

fn sets_session_authorization(statement: &Statement<'_>) -> bool {
    let words = leading_words(statement);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let what = match &words[..] {
        ["SET", "SESSION" | "LOCAL", what @ ..] if !what.starts_with(&["AUTHORIZATION"]) => what,
        ["SET", what @ ..] => what,
        _ => return false,
    };
    what.starts_with(&["SESSION", "AUTHORIZATION"]) || what.starts_with(&["SESSION_AUTHORIZATION"])
}

/// The command that the server runs only outside of a transaction.
fn refused_in_transaction(statement: &Statement<'_>) -> Option<&'static str> {
    let words = leading_words(statement);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let concurrently = || statement.tokens().iter().any(|token| token.is_word("CONCURRENTLY"));
    match words[..] {
        ["CREATE", "INDEX", "CONCURRENTLY", ..] | ["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY", ..] => {
            Some("CREATE INDEX CONCURRENTLY")
        }
        ["DROP", "INDEX", "CONCURRENTLY", ..] => Some("DROP INDEX CONCURRENTLY"),
        ["REINDEX", "SCHEMA" | "DATABASE" | "SYSTEM", ..] => Some("REINDEX of more than one table"),
        ["REINDEX", ..] if concurrently() => Some("REINDEX CONCURRENTLY"),
        ["VACUUM", ..] => Some("VACUUM"),
        ["CREATE", "DATABASE", ..] => Some("CREATE DATABASE"),
        ["DROP", "DATABASE", ..] => Some("DROP DATABASE"),
        ["ALTER", "DATABASE", ..] if sets_tablespace(statement) => Some("ALTER DATABASE … SET TABLESPACE"),
        ["ALTER", "SYSTEM", ..] => Some("ALTER SYSTEM"),
        ["CREATE", "TABLESPACE", ..] => Some("CREATE TABLESPACE"),
        ["DROP", "TABLESPACE", ..] => Some("DROP TABLESPACE"),
        ["ALTER", "TABLE", ..] if concurrently() && detaches(statement) => {
            Some("ALTER TABLE … DETACH PARTITION … CONCURRENTLY")
        }
        ["CLUSTER"] | ["CLUSTER", "VERBOSE"] if statement.tokens().len() == words.len() => {
            Some("CLUSTER of all tables")
        }
        ["DISCARD", "ALL", ..] => Some("DISCARD ALL"),
        _ => None,
    }
}

fn sets_tablespace(statement: &Statement<'_>) -> bool {
    statement.tokens().windows(2).any(|pair| pair[0].is_word("SET") && pair[1].is_word("TABLESPACE"))
}

fn detaches(statement: &Statement<'_>) -> bool {
    statement.tokens().windows(2).any(|pair| pair[0].is_word("DETACH") && pair[1].is_word("PARTITION"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_message(sql: &str, transaction: Transaction) -> Option<String> {
        let text = Text { path: "up.sql".into(), shown: "up.sql".into(), text: sql.to_owned() };
        let mut problems = Vec::new();
        check(&text, &Tokens::of(sql), Some(transaction), &mut problems);
        problems.first().map(|problem| problem.message.clone())
    }

    #[test]
    fn transaction_control_is_for_the_executor() {
        for sql in [
            "BEGIN",
            "begin work",
            "START TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "COMMIT",
            "commit and chain",
            "END",
            "ROLLBACK",
            "ROLLBACK AND NO CHAIN",
            "ABORT",
            "PREPARE TRANSACTION 'x'",
            "COMMIT PREPARED 'x'",
            "ROLLBACK PREPARED 'x'",
        ] {
            let message = first_message(sql, Transaction::PerRevision).expect(sql);
            assert!(message.ends_with("in a script that runs inside a transaction"), "{sql}: {message}");
            let message = first_message(sql, Transaction::None).expect(sql);
            assert!(message.ends_with("in a script without a transaction"), "{sql}: {message}");
        }
        for (sql, command) in [
            ("SAVEPOINT a", "SAVEPOINT"),
            ("release savepoint a", "RELEASE SAVEPOINT"),
            ("ROLLBACK TO a", "ROLLBACK TO SAVEPOINT"),
            ("ROLLBACK WORK TO SAVEPOINT a", "ROLLBACK TO SAVEPOINT"),
        ] {
            let message = format!("`{command}` in a script without a transaction");
            assert_eq!(first_message(sql, Transaction::None), Some(message), "{sql}");
        }
        for sql in [
            "SAVEPOINT a",
            "RELEASE a",
            "ROLLBACK TO a",
            "ROLLBACK WORK TO SAVEPOINT a",
            "ROLLBACK TRANSACTION TO a",
            "PREPARE plan AS SELECT 1",
            "SET TRANSACTION READ WRITE",
            "DO $$ BEGIN COMMIT; END $$",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END",
        ] {
            assert_eq!(first_message(sql, Transaction::PerRevision), None, "{sql}");
        }
    }

    #[test]
    fn what_does_not_go_without_a_transaction() {
        for sql in [
            "SET SESSION AUTHORIZATION other",
            "set session authorization default",
            "SET SESSION SESSION AUTHORIZATION 'other'",
            "SET LOCAL SESSION AUTHORIZATION other",
            "SET session_authorization TO other",
            "SET SESSION session_authorization = 'other'",
        ] {
            let message = first_message(sql, Transaction::None).expect(sql);
            assert_eq!(message, "`SET SESSION AUTHORIZATION` in a script without a transaction", "{sql}");
            assert_eq!(first_message(sql, Transaction::PerRevision), None, "{sql}");
        }
        for sql in [
            "SET ROLE other",
            "SET SESSION ROLE other",
            "RESET SESSION AUTHORIZATION",
            "SET lock_timeout = '1s'",
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
            "PREPARE plan AS SELECT 1",
            "DO $$ BEGIN COMMIT; END $$",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END",
        ] {
            assert_eq!(first_message(sql, Transaction::None), None, "{sql}");
        }
    }

    #[test]
    fn what_the_server_refuses_inside_a_transaction() {
        for sql in [
            "CREATE INDEX CONCURRENTLY i ON t (a)",
            "create unique index concurrently if not exists i on t (a)",
            "DROP INDEX CONCURRENTLY IF EXISTS i",
            "REINDEX INDEX CONCURRENTLY i",
            "REINDEX (CONCURRENTLY) TABLE t",
            "REINDEX DATABASE d",
            "VACUUM (ANALYZE) t",
            "CREATE DATABASE d",
            "DROP DATABASE d",
            "ALTER DATABASE d SET TABLESPACE s",
            "ALTER SYSTEM SET work_mem = '1GB'",
            "CREATE TABLESPACE s LOCATION '/x'",
            "DROP TABLESPACE s",
            "ALTER TABLE \"T\" DETACH PARTITION p CONCURRENTLY",
            "DISCARD ALL",
            "CLUSTER",
        ] {
            let message = first_message(sql, Transaction::PerRevision).expect(sql);
            assert!(message.starts_with("Postgres refuses"), "{sql}: {message}");
            assert_eq!(first_message(sql, Transaction::None), None, "{sql}");
        }
        for sql in [
            "CREATE INDEX \"concurrently\" ON t (a)",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
            "REINDEX TABLE t",
            "CLUSTER t",
            "CLUSTER \"T\"",
            "ALTER TABLE t DETACH PARTITION p",
            "ALTER TABLE t DETACH PARTITION p FINALIZE",
            "ALTER DATABASE d SET work_mem = '1MB'",
            "ALTER TYPE e ADD VALUE 'x'",
        ] {
            assert_eq!(first_message(sql, Transaction::PerRevision), None, "{sql}");
        }
    }

    #[test]
    fn what_only_psql_can_do() {
        for transaction in [Transaction::PerRevision, Transaction::None] {
            let message = |sql| first_message(sql, transaction).unwrap_or_default();
            assert!(message("\\restrict abc\nSELECT 1;").contains("`\\restrict`"));
            assert!(message("SELECT 1 \\gset\n").contains("`\\gset`"));
            assert!(message("COPY t (a, b) FROM stdin;\nit's\t\\N\n\\.\n").starts_with("`COPY … FROM stdin`"));
            assert!(message("copy binary t from stdout").starts_with("`COPY … FROM stdin`"));
            for sql in ["COPY t TO STDOUT", "copy (SELECT a FROM t) to stdout WITH (FORMAT csv)", "COPY t (a) TO stdin"]
            {
                assert!(message(sql).starts_with("`COPY … TO stdout`"), "{sql}");
            }
            for sql in [
                "COPY t FROM '/x'; COPY (SELECT 1 FROM stdin) TO '/y'; SELECT E'\\\\'",
                "COPY stdout TO '/x'",
                "COPY t TO PROGRAM 'cat'",
                "SELECT 1 FROM stdout",
            ] {
                assert_eq!(message(sql), "", "{sql}");
            }
        }
    }
}
