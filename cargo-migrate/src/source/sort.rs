//! What sort of statement it is, as far as loading it into a database of ours must differ from running it.

use migrate_build::statements;

use crate::dev_database::mention_roles;

/// What is to be done with a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// It concerns the database alone, and may share a message with others.
    Plain,
    /// It begins a transaction.
    Begin,
    /// It ends one.
    End,
    /// It makes this role, as it is written.
    CreateRole(String),
    /// It changes these roles, or what they are members of.
    ChangeRoles(Vec<String>),
    /// It concerns a database by name, which is another one than this: nothing of it belongs to a schema.
    Elsewhere,
    /// It would reach beyond the database.
    Refused,
}

impl Sort {
    pub(super) fn of(statement: &str) -> Self {
        // What tells statements apart stands at their beginning; the rest is only gone through where it must be.
        let first: Vec<&str> = statements::tokens(statement).take(3).collect();
        let word = |n: usize| first.get(n).map(|token| token.to_ascii_uppercase()).unwrap_or_default();
        let (zeroth, second, third) = (word(0), word(1), word(2));
        match (zeroth.as_str(), second.as_str()) {
            ("BEGIN" | "START", _) => Self::Begin,
            ("COMMIT" | "END" | "ABORT", _) => Self::End,
            ("ROLLBACK", second) if second != "TO" && third != "TO" => Self::End,
            ("CREATE" | "ALTER" | "DROP", "USER") if third == "MAPPING" => Self::Plain,
            ("CREATE", "ROLE" | "USER" | "GROUP") => Self::CreateRole(first.get(2).copied().unwrap_or("").to_owned()),
            ("ALTER" | "DROP", "ROLE" | "USER" | "GROUP") => Self::ChangeRoles(names(statement, 2)),
            ("COMMENT" | "SECURITY", _) => commented(statement),
            ("GRANT" | "REVOKE", _) => granted(statement),
            ("ALTER", "DATABASE") => Self::Elsewhere,
            ("CREATE" | "DROP", "DATABASE")
            | ("CREATE" | "ALTER" | "DROP", "TABLESPACE")
            | ("ALTER", "SYSTEM")
            | ("DROP" | "REASSIGN", "OWNED") => Self::Refused,
            ("CREATE", "SUBSCRIPTION") if connects(statement) => Self::Refused,
            _ => Self::Plain,
        }
    }
}

/// The part of the texts that makes roles, if any does.
pub(super) fn role_makers<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    texts.filter(|text| mention_roles(text)).collect::<Vec<_>>().join(";\n")
}

/// The roles that statements of these texts make, which fail where they are there already.
pub(super) fn roles_made<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let made = texts.filter(|text| mention_roles(text)).flat_map(|text| {
        let spans = statements::split(text).unwrap_or_default();
        spans.into_iter().filter_map(|span| match Sort::of(&text[span.start()..span.end()]) {
            Sort::CreateRole(name) => Some(plain(&name)),
            _ => None,
        })
    });
    made.collect()
}

/// A name as the catalog has it.
pub(super) fn plain(written: &str) -> String {
    match written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => written.to_lowercase(),
    }
}

/// The names in a list that begins at a token: `a, b` or `IF EXISTS a, b`.
fn names(statement: &str, start: usize) -> Vec<String> {
    let tokens = statements::tokens(statement).skip(start);
    let tokens = tokens.filter(|token| !token.eq_ignore_ascii_case("IF") && !token.eq_ignore_ascii_case("EXISTS"));
    let mut names = Vec::new();
    let mut after_name = false;
    for token in tokens {
        match (token, after_name) {
            (",", true) => after_name = false,
            (_, true) => break,
            (name, false) => {
                names.push(name.to_owned());
                after_name = true;
            }
        }
    }
    names
}

fn commented(statement: &str) -> Sort {
    let tokens: Vec<&str> =
        statements::tokens(statement).take_while(|token| !token.eq_ignore_ascii_case("IS")).collect();
    let Some(on) = tokens.iter().position(|token| token.eq_ignore_ascii_case("ON")) else { return Sort::Plain };
    match tokens.get(on + 1).map(|kind| kind.to_ascii_uppercase()).as_deref() {
        Some("ROLE") => Sort::ChangeRoles(tokens.get(on + 2).map(|name| (*name).to_owned()).into_iter().collect()),
        Some("DATABASE" | "TABLESPACE") => Sort::Elsewhere,
        _ => Sort::Plain,
    }
}

/// A `GRANT` without `ON` makes a role a member of another.
fn granted(statement: &str) -> Sort {
    let tokens: Vec<&str> = statements::tokens(statement).collect();
    let find =
        |words: &[&str]| tokens.iter().position(|token| words.iter().any(|word| token.eq_ignore_ascii_case(word)));
    match (find(&["ON"]), find(&["TO", "FROM"])) {
        (Some(on), to) if to.is_none_or(|to| on < to) => match tokens.get(on + 1) {
            Some(kind) if kind.eq_ignore_ascii_case("DATABASE") || kind.eq_ignore_ascii_case("TABLESPACE") => {
                Sort::Elsewhere
            }
            Some(kind) if kind.eq_ignore_ascii_case("PARAMETER") => Sort::Refused,
            _ => Sort::Plain,
        },
        (_, Some(to)) => {
            let granted = names(statement, 1);
            Sort::ChangeRoles(granted.into_iter().chain(names(statement, to + 1)).collect())
        }
        _ => Sort::Plain,
    }
}

/// Whether a subscription reaches out to another server and makes a slot there, as it does unless told.
fn connects(statement: &str) -> bool {
    let tokens: Vec<&str> = statements::tokens(statement).collect();
    let says_no = |three: &[&str]| three[0].eq_ignore_ascii_case("connect") && three[2].eq_ignore_ascii_case("false");
    !tokens.windows(3).any(says_no)
}

#[cfg(test)]
mod tests {
    use super::Sort;

    #[test]
    fn what_reaches_beyond_the_database_is_told_apart() {
        let changes = |names: &[&str]| Sort::ChangeRoles(names.iter().map(|name| (*name).to_owned()).collect());
        for (statement, expected) in [
            ("CREATE TABLE role (a int)", Sort::Plain),
            ("begin isolation level serializable", Sort::Begin),
            ("START TRANSACTION", Sort::Begin),
            ("COMMIT", Sort::End),
            ("ROLLBACK", Sort::End),
            ("ROLLBACK TO SAVEPOINT a", Sort::Plain),
            ("ROLLBACK WORK TO a", Sort::Plain),
            ("CREATE ROLE \"App\" LOGIN", Sort::CreateRole("\"App\"".to_owned())),
            ("CREATE USER MAPPING FOR a SERVER s", Sort::Plain),
            ("ALTER ROLE app SET search_path TO a", changes(&["app"])),
            ("DROP ROLE IF EXISTS a, b", changes(&["a", "b"])),
            ("COMMENT ON ROLE app IS 'x'", changes(&["app"])),
            ("COMMENT ON TABLE t IS 'on role a'", Sort::Plain),
            ("COMMENT ON COLUMN t.\"is\" IS 'x'", Sort::Plain),
            ("GRANT a, b TO c", changes(&["a", "b", "c"])),
            ("REVOKE a FROM b", changes(&["a", "b"])),
            ("GRANT SELECT ON t TO a", Sort::Plain),
            ("GRANT CONNECT ON DATABASE shop TO a", Sort::Elsewhere),
            ("REVOKE ALL ON DATABASE shop FROM PUBLIC", Sort::Elsewhere),
            ("COMMENT ON DATABASE shop IS 'x'", Sort::Elsewhere),
            ("ALTER DATABASE shop SET x TO 'y'", Sort::Elsewhere),
            ("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO a", Sort::Plain),
            ("CREATE DATABASE shop", Sort::Refused),
            ("ALTER SYSTEM SET x TO 1", Sort::Refused),
            ("DROP OWNED BY a", Sort::Refused),
            ("CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", Sort::Refused),
            ("CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = false)", Sort::Plain),
        ] {
            assert_eq!(Sort::of(statement), expected, "{statement}");
        }
    }
}
