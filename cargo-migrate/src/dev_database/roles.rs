//! Roles that a schema makes: they belong to the whole server, and must not stay there.

use std::collections::BTreeSet;

use sqlx::Row as _;

use super::session::{Session, Token};
use migrate_build::statements;

const MARK: &str = "cargo migrate: temporary, made by ";

/// Runs that make roles on a server take turns, as far as they connect to the same database: a role of one would be found
/// by the other, and dropped under it. The number is that of no token: those have 16 random digits.
const TURN: &str = "SELECT pg_catalog.pg_advisory_lock(4711, 1651796846)";

/// The sign on a role that a run has made.
pub(super) fn mark(token: Token) -> String {
    format!("{MARK}{token}")
}

/// Which run has made a role.
pub(super) fn owner(mark: &str) -> Option<Token> {
    mark.strip_prefix(MARK).and_then(Token::parse)
}

/// What of a text may make roles: the words for that, wherever they stand; a `DO` block has them in a string.
pub(crate) fn mention_roles(sql: &str) -> bool {
    let words: Vec<&str> =
        sql.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    let is = |word: &str, one_of: &[&str]| one_of.iter().any(|other| word.eq_ignore_ascii_case(other));
    words.windows(3).any(|three| {
        is(three[0], &["create"]) && is(three[1], &["role", "user", "group"]) && !is(three[2], &["mapping"])
    })
}

/// The roles that were there before a schema was loaded.
#[derive(Debug, Default)]
pub(super) struct Roles {
    before: BTreeSet<String>,
    /// What was loaded; nothing where it makes no roles.
    text: String,
}

impl Roles {
    /// Takes note of the roles that there are, where what is to be loaded makes some.
    pub(super) async fn before(session: &mut Session, text: &str) -> Result<Self, sqlx::Error> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        session.ask(TURN).await?;
        let rows = session.ask(ALL).await?;
        let before = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        Ok(Self { before, text: text.to_owned() })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether this role was not there before and is named by what was loaded. Somebody else may make roles meanwhile.
    pub(super) fn made(&self, name: &str) -> bool {
        !self.before.contains(name) && self.names(name)
    }

    fn names(&self, name: &str) -> bool {
        let is_it = |token: &str| match token.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(quoted) => quoted.replace("\"\"", "\"") == name,
            None => token.eq_ignore_ascii_case(name),
        };
        // In a `DO` block the name stands in a string, which is one token.
        statements::tokens(&self.text).any(|token| is_it(token) || token.len() > name.len() && token.contains(name))
    }
}

/// All roles.
pub(super) const ALL: &str = "SELECT r.rolname::pg_catalog.text FROM pg_catalog.pg_roles AS r";

#[cfg(test)]
mod tests {
    use super::{Roles, mark, mention_roles, owner};
    use crate::dev_database::session::Token;

    #[test]
    fn a_mark_tells_whose_role_it_is() {
        assert_eq!(owner(&mark(Token(7))), Some(Token(7)));
        assert_eq!(owner("cargo migrate: mine"), None);
    }

    #[test]
    fn the_words_that_make_a_role_are_found_wherever_they_stand() {
        for sql in ["CREATE ROLE a;", "DO $$ BEGIN create  user a; END $$", "SELECT 'CREATE\nGROUP x'"] {
            assert!(mention_roles(sql), "{sql}");
        }
        for sql in ["CREATE USER MAPPING FOR a SERVER s", "CREATE TABLE role (a int)", "DROP ROLE a"] {
            assert!(!mention_roles(sql), "{sql}");
        }
    }

    #[test]
    fn a_role_of_somebody_else_is_not_ours() {
        let text = "CREATE ROLE App; CREATE ROLE \"Odd\"; DO $$ BEGIN CREATE ROLE inner_one; END $$".to_owned();
        let roles = Roles { before: ["app".to_owned()].into(), text };
        let made = ["app", "Odd", "odd", "inner_one", "theirs"].map(|name| roles.made(name));
        assert_eq!(made, [false, true, false, true, false]);
    }
}
