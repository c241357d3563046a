//! What comes too early: in a folder a statement may need what another file makes, and is tried again when that was loaded.

use migrate_build::statements;

use super::load::Load;
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
    /// Runs what was deferred, again and again for as long as that takes anything further.
    pub(super) async fn catch_up(&mut self, files: &[SqlFile]) -> Result<(), Failure> {
        while !self.deferred.is_empty() {
            let mut first_failure = None;
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
                    if !said(&broken.source).is_some_and(|error| is_early(error.code())) {
                        return Err(failure);
                    }
                    first_failure.get_or_insert(failure);
                    self.deferred.push(deferred);
                }
            }
            if let Some(failure) = first_failure.filter(|_| self.deferred.len() == n_waiting) {
                return Err(failure);
            }
        }
        Ok(())
    }
}

/// Whether a statement changes the session, as a dump does at its beginning.
fn sets(statement: &str) -> bool {
    let tokens: Vec<&str> = statements::tokens(statement).take(4).collect();
    let is = |n: usize, word: &str| tokens.get(n).is_some_and(|token| token.eq_ignore_ascii_case(word));
    is(0, "SET") || is(0, "RESET") || is(0, "SELECT") && (is(1, "set_config") || is(3, "set_config"))
}

#[cfg(test)]
mod tests {
    use super::sets;

    #[test]
    fn what_changes_the_session_is_known() {
        for statement in ["SET search_path TO app", "SELECT pg_catalog.set_config('search_path', '', false)"] {
            assert!(sets(statement), "{statement}");
        }
        assert!(!sets("SELECT f(1)"));
    }
}
