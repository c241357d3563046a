//! Indexes that are built concurrently: a build that fails leaves an invalid index behind, and a second one with
//! `IF NOT EXISTS` takes that for the index (Postgres manual, CREATE INDEX, "Building Indexes Concurrently").

use crate::postgres::quote::literal;

/// The name of the index that a statement builds concurrently, as the catalog has it.
pub(crate) fn name(statement: &str) -> Option<String> {
    let mut words = statement.split_whitespace().map(str::to_ascii_uppercase);
    let (first, second) = (words.next()?, words.next()?);
    let index = if second == "UNIQUE" { words.next()? } else { second };
    if (first.as_str(), index.as_str(), words.next()?.as_str()) != ("CREATE", "INDEX", "CONCURRENTLY") {
        return None;
    }
    let mut rest = after_word(statement, "CONCURRENTLY")?;
    let option = ["IF", "NOT", "EXISTS"];
    if rest.split_whitespace().zip(option).filter(|(word, expected)| word.eq_ignore_ascii_case(expected)).count() == 3 {
        rest = after_word(rest, "EXISTS")?;
    }
    match rest.strip_prefix('"') {
        Some(quoted) => {
            let end = quoted.replace("\"\"", "__").find('"')?;
            Some(quoted[..end].replace("\"\"", "\""))
        }
        // Without a name Postgres makes one, and never that of an index that is there.
        None => rest.split_whitespace().next().filter(|word| !word.eq_ignore_ascii_case("ON")).map(str::to_lowercase),
    }
}

/// Names the index when it is invalid.
pub(crate) fn invalid(name: &str) -> String {
    format!(
        "SELECT i.indexrelid::pg_catalog.regclass::pg_catalog.text AS index FROM pg_catalog.pg_index AS i \
         JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid \
         WHERE NOT i.indisvalid AND c.relkind OPERATOR(pg_catalog.=) 'i' AND c.relname OPERATOR(pg_catalog.=) {}",
        literal(name)
    )
}

/// What follows the first occurrence of a word.
fn after_word<'s>(text: &'s str, word: &str) -> Option<&'s str> {
    let at = text.to_ascii_uppercase().find(word)?;
    Some(text[at + word.len()..].trim_start())
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn the_name_is_read_as_postgres_reads_it() {
        for (statement, expected) in [
            ("CREATE INDEX CONCURRENTLY i ON t (a)", Some("i")),
            ("create unique index\n concurrently If Not Exists Big ON t (a)", Some("big")),
            ("CREATE INDEX CONCURRENTLY \"A \"\"b\" ON t (a)", Some("A \"b")),
            ("CREATE INDEX CONCURRENTLY ifx ON exists_too (a)", Some("ifx")),
            ("CREATE INDEX CONCURRENTLY ON t (a)", None),
            ("CREATE INDEX i ON t (a)", None),
            ("DROP INDEX CONCURRENTLY i", None),
            ("VACUUM", None),
        ] {
            assert_eq!(name(statement).as_deref(), expected, "{statement}");
        }
    }
}
