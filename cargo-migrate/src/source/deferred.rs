//! What comes too early: a statement may need what another file makes, and is tried again when that was loaded. Models
//! come in an order of ours, so a statement of theirs may need a later one too.

use migrate_build::statements;

use super::load::Load;
use super::sort::plain;
use super::sql_file::SqlFile;
use crate::report::Failure;
use crate::statement::said;

/// What the server says where something is not there yet: a table, a column, an object of another kind, a function, a
/// schema, or the unique constraint that a foreign key needs.
const EARLY: [&str; 6] = ["42P01", "42703", "42704", "42883", "3F000", "42830"];

/// A statement that was not taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deferred {
    /// The file, by its number.
    pub(super) file: usize,
    pub(super) statement: usize,
}

pub(super) fn is_early(code: &str) -> bool {
    EARLY.contains(&code)
}

impl Load<'_> {
    /// Runs what was deferred, again and again for as long as that takes anything further. What then still fails is told
    /// by the statement that does not only lack what another one would have made.
    pub(super) async fn catch_up(&mut self, files: &[SqlFile]) -> Result<(), Failure> {
        while !self.deferred.is_empty() {
            let mut failures = Vec::new();
            let waiting = std::mem::take(&mut self.deferred);
            let n_waiting = waiting.len();
            let mut at = None;
            for deferred in waiting {
                let file = &files[deferred.file];
                // What the file had set before it holds for it.
                let done = match at {
                    Some((number, n)) if number == deferred.file => n,
                    _ => {
                        self.begin().await?;
                        0
                    }
                };
                for n in (done..deferred.statement).filter(|n| sets(file.statement(*n))) {
                    if let Err(broken) = self.send(file, n..n + 1).await {
                        return Err(self.failure(file, &broken));
                    }
                }
                at = Some((deferred.file, deferred.statement));
                if let Err(broken) = self.send(file, deferred.statement..deferred.statement + 1).await {
                    let failure = self.failure(file, &broken);
                    let Some(error) = said(&broken.source).filter(|error| is_early(error.code())) else {
                        return Err(failure);
                    };
                    failures.push((missing(error.message()).unwrap_or_default().to_owned(), failure));
                    self.deferred.push(deferred);
                }
            }
            if self.deferred.len() == n_waiting {
                let statements: Vec<&str> =
                    self.deferred.iter().map(|deferred| files[deferred.file].statement(deferred.statement)).collect();
                let is_cause = |name: &str| !statements.iter().any(|statement| makes(statement, name));
                let cause = failures.iter().position(|(name, _)| is_cause(name)).unwrap_or(0);
                return Err(failures.swap_remove(cause).1);
            }
        }
        Ok(())
    }
}

/// The name of what is missing, without its schema: `relation "app.users" does not exist`, `function f(integer) does not
/// exist`.
fn missing(message: &str) -> Option<&str> {
    let name = match message.strip_prefix("function ") {
        Some(function) => function.split('(').next(),
        None => message.split('"').nth(1),
    };
    name?.rsplit('.').next()
}

/// Whether a statement makes something of this name.
fn makes(statement: &str, name: &str) -> bool {
    let mut tokens = statements::tokens(statement);
    tokens.next().is_some_and(|first| first.eq_ignore_ascii_case("CREATE"))
        && tokens
            .take_while(|token| !["(", "AS", "ON"].contains(&&*token.to_ascii_uppercase()))
            .any(|token| plain(token) == name)
}

/// Whether a statement changes the session, as a dump does at its beginning.
fn sets(statement: &str) -> bool {
    let tokens: Vec<&str> = statements::tokens(statement).take(4).collect();
    let is = |n: usize, word: &str| tokens.get(n).is_some_and(|token| token.eq_ignore_ascii_case(word));
    is(0, "SET") || is(0, "RESET") || is(0, "SELECT") && (is(1, "set_config") || is(3, "set_config"))
}

#[cfg(test)]
mod tests {
    use super::{makes, missing, sets};

    #[test]
    fn what_changes_the_session_is_known() {
        for statement in ["SET search_path TO app", "SELECT pg_catalog.set_config('search_path', '', false)"] {
            assert!(sets(statement), "{statement}");
        }
        assert!(!sets("SELECT f(1)"));
    }

    #[test]
    fn what_one_lacks_another_makes() {
        for (message, statement, expected) in [
            ("relation \"app.users\" does not exist", "CREATE TABLE IF NOT EXISTS app.users (id int)", true),
            ("relation \"Users\" does not exist", "CREATE VIEW \"Users\" AS SELECT 1", true),
            ("function f(integer) does not exist", "create or replace function f(a int) returns int", true),
            ("type \"mood\" does not exist", "CREATE TABLE t (mood text)", false),
            ("relation \"t\" does not exist", "CREATE INDEX i ON t (a)", false),
            ("relation \"t\" does not exist", "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES t", false),
        ] {
            let name = missing(message).expect("something is missing");
            assert_eq!(makes(statement, name), expected, "{message}: {statement}");
        }
    }
}
