//! Statements that no transaction allows: whether one that was cut off has done its work is decided by looking.

use crate::postgres::quote::literal;

/// A statement that is sent on its own, as far as that can be told from its first words. Names are as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Alone {
    /// `CREATE INDEX CONCURRENTLY`; a build that fails leaves an invalid index behind, and a second one with
    /// `IF NOT EXISTS` takes that for the index (Postgres manual, CREATE INDEX, "Building Indexes Concurrently").
    BuildIndex {
        /// As the catalog has it; none where Postgres chooses one, and never that of an index that is there.
        name: Option<String>,
        table: String,
    },
    /// `DROP INDEX CONCURRENTLY`.
    DropIndex { name: String },
    /// `REINDEX … CONCURRENTLY` of a table or an index; a failed one leaves transient indexes behind (Postgres manual,
    /// REINDEX, "Rebuilding Indexes Concurrently").
    Reindex { is_table: bool, name: String },
    /// `DETACH PARTITION … CONCURRENTLY`; a cut-off one is pending and has to be finalized (Postgres manual, ALTER TABLE).
    Detach { table: String, partition: String },
    /// `CREATE` or `DROP` of a database, a tablespace or a subscription.
    Object { is_drop: bool },
    /// Any other.
    Other,
}

impl Alone {
    /// None for a statement that a transaction allows, as far as is known: the server has the last word.
    pub(crate) fn of(statement: &str) -> Option<Self> {
        let tokens = tokens(statement, 40);
        let words: Vec<String> = tokens.iter().map(|token| token.to_ascii_uppercase()).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let concurrently = words.iter().position(|word| *word == "CONCURRENTLY");
        match (&words[..], concurrently) {
            (["CREATE", "INDEX", ..] | ["CREATE", "UNIQUE", "INDEX", ..], Some(at)) => {
                let mut rest = Rest(&tokens[at + 1..]);
                rest.skip(&["IF", "NOT", "EXISTS"]);
                let name = if rest.next_is("ON") { None } else { rest.word().map(catalog_name) };
                rest.skip(&["ON"]);
                rest.skip(&["ONLY"]);
                Some(Self::BuildIndex { name, table: rest.name() })
            }
            (["DROP", "INDEX", ..], Some(at)) => {
                let mut rest = Rest(&tokens[at + 1..]);
                rest.skip(&["IF", "EXISTS"]);
                Some(Self::DropIndex { name: rest.name() })
            }
            (["REINDEX", ..], Some(at)) => {
                let is_table = words[..at].contains(&"TABLE");
                let named = is_table || words[..at].contains(&"INDEX");
                let name = Rest(&tokens[at + 1..]).name();
                Some(if named { Self::Reindex { is_table, name } } else { Self::Other })
            }
            (["ALTER", "TABLE", ..], Some(at)) if words[..at].contains(&"DETACH") => {
                let mut rest = Rest(&tokens[2..]);
                rest.skip(&["IF", "EXISTS"]);
                rest.skip(&["ONLY"]);
                let table = rest.name();
                rest.skip(&["DETACH", "PARTITION"]);
                Some(Self::Detach { table, partition: rest.name() })
            }
            ([verb @ ("CREATE" | "DROP"), "DATABASE" | "TABLESPACE" | "SUBSCRIPTION", ..], _) => {
                Some(Self::Object { is_drop: *verb == "DROP" })
            }
            (["VACUUM", ..] | ["ALTER", "SYSTEM", ..] | ["DISCARD", "ALL"], _) => Some(Self::Other),
            _ => None,
        }
    }

    /// What to ask before it is run again: each row has a `verdict`, and the `name` of what it is about.
    pub(crate) fn look(&self) -> Option<String> {
        let oid = |name: &str| format!("pg_catalog.to_regclass({})", literal(name));
        match self {
            Self::BuildIndex { name: Some(name), table } => Some(format!(
                "SELECT CASE WHEN i.indisvalid THEN 'done' ELSE 'leftover' END AS verdict, \
                 i.indexrelid::pg_catalog.regclass::pg_catalog.text AS name FROM pg_catalog.pg_index AS i \
                 JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid \
                 WHERE c.relname OPERATOR(pg_catalog.=) {} AND i.indrelid OPERATOR(pg_catalog.=) {}",
                literal(name),
                oid(table)
            )),
            Self::DropIndex { name } => {
                Some(format!("SELECT 'done' AS verdict, '' AS name WHERE {} IS NULL", oid(name)))
            }
            Self::Reindex { is_table, name } => {
                let table = if *is_table {
                    oid(name)
                } else {
                    format!(
                        "(SELECT n.indrelid FROM pg_catalog.pg_index AS n WHERE n.indexrelid OPERATOR(pg_catalog.=) {})",
                        oid(name)
                    )
                };
                Some(format!(
                    "SELECT 'leftover' AS verdict, i.indexrelid::pg_catalog.regclass::pg_catalog.text AS name \
                     FROM pg_catalog.pg_index AS i \
                     JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid \
                     WHERE NOT i.indisvalid AND c.relname OPERATOR(pg_catalog.~) '_cc(new|old)[0-9]*$' \
                     AND i.indrelid OPERATOR(pg_catalog.=) {table}"
                ))
            }
            Self::Detach { table, partition } => Some(format!(
                "SELECT COALESCE((SELECT CASE WHEN n.inhdetachpending THEN 'pending' ELSE 'attached' END \
                 FROM pg_catalog.pg_inherits AS n WHERE n.inhparent OPERATOR(pg_catalog.=) {} AND n.inhrelid \
                 OPERATOR(pg_catalog.=) {}), 'done') AS verdict, '' AS name",
                oid(table),
                oid(partition)
            )),
            _ => None,
        }
    }

    /// Whether the server says of a statement that was cut off, and is run again, that its work is done already.
    pub(crate) fn was_done(&self, code: &str) -> bool {
        match self {
            // A database, or another object, of that name is there.
            Self::Object { is_drop: false } => ["42P04", "42710"].contains(&code),
            // There is none.
            Self::Object { is_drop: true } => ["3D000", "42704"].contains(&code),
            _ => false,
        }
    }

    /// What completes a statement of which the look has found that it is pending.
    pub(crate) fn completion(&self) -> Option<String> {
        match self {
            Self::Detach { table, partition } => {
                Some(format!("ALTER TABLE {table} DETACH PARTITION {partition} FINALIZE"))
            }
            _ => None,
        }
    }

    /// Names the index that the statement should have built when it is there and invalid.
    pub(crate) fn invalid(&self) -> Option<String> {
        let Self::BuildIndex { name: Some(_), .. } = self else { return None };
        self.look()
            .map(|look| format!("SELECT name FROM ({look}) AS looked WHERE verdict OPERATOR(pg_catalog.=) 'leftover'"))
    }
}

/// Tokens that are not read yet.
struct Rest<'t>(&'t [&'t str]);

impl<'t> Rest<'t> {
    fn next_is(&self, word: &str) -> bool {
        self.0.first().is_some_and(|token| token.eq_ignore_ascii_case(word))
    }

    fn skip(&mut self, words: &[&str]) {
        if self.0.len() >= words.len() && self.0.iter().zip(words).all(|(token, word)| token.eq_ignore_ascii_case(word))
        {
            self.0 = &self.0[words.len()..];
        }
    }

    fn word(&mut self) -> Option<&'t str> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    /// A name with its qualifiers, as it is written.
    fn name(&mut self) -> String {
        let mut name = self.word().unwrap_or_default().to_owned();
        while self.next_is(".") {
            self.word();
            name.push('.');
            name.push_str(self.word().unwrap_or_default());
        }
        name
    }
}

/// A name as the catalog has it.
fn catalog_name(written: &str) -> String {
    let name = match written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => written.to_ascii_lowercase(),
    };
    // Longer names are cut, at a character (Postgres manual, 4.1.1).
    name[..name.floor_char_boundary(63)].to_owned()
}

/// The first tokens of a statement, without comments: words, quoted names, strings, and single characters.
fn tokens(statement: &str, n: usize) -> Vec<&str> {
    let mut rest = statement;
    let mut tokens = Vec::new();
    while tokens.len() < n {
        rest = after_space(rest);
        let Some(first) = rest.chars().next() else { break };
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$' || !c.is_ascii();
        let length = match first {
            '"' | '\'' => quoted(rest, first),
            first if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            first => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// What follows white space and comments, as the server has them: of all white space only that of ASCII, and comments that
/// also a carriage return ends.
fn after_space(mut text: &str) -> &str {
    loop {
        text = text.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
        if text.starts_with("--") {
            text = text.find(['\n', '\r']).map_or("", |end| &text[end..]);
        } else if text.starts_with("/*") {
            text = &text[comment(text)..];
        } else {
            return text;
        }
    }
}

/// How long a comment is, with those inside it.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        match text.as_bytes()[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                at += 2;
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    text.len()
}

/// How long a quoted piece is; a quote in it is doubled.
fn quoted(text: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(end) = text[at..].find(quote) {
        at += end + 1;
        if !text[at..].starts_with(quote) {
            return at;
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests;
