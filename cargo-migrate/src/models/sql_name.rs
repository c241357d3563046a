//! Names in SQL, as a model has them and as a person writes them in a text.

use std::fmt;

use migrate_schema::quote::identifier;

/// The schema of what is written without one.
pub(super) const DEFAULT_SCHEMA: &str = "public";

/// The name of a table or a type, with its schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name {
    /// The schema; what is written without one is in `public`.
    pub(crate) schema: String,
    pub(crate) name: String,
}

impl Name {
    pub(super) fn new(schema: Option<String>, name: impl Into<String>) -> Self {
        Self { schema: schema.unwrap_or_else(|| DEFAULT_SCHEMA.to_owned()), name: name.into() }
    }
}

/// As SQL has it, without the default schema.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.schema != DEFAULT_SCHEMA {
            write!(f, "{}.", identifier(&self.schema))?;
        }
        f.write_str(&identifier(&self.name))
    }
}

/// Identifiers with commas between.
pub(super) fn identifiers<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().map(identifier).collect::<Vec<_>>().join(", ")
}

/// The name that a text begins with, and what follows it: `billing.invoices (id)`.
pub(super) fn leading_name(text: &str) -> Option<(Name, &str)> {
    let (first, rest) = leading_identifier(text)?;
    match rest.trim_start().strip_prefix('.').and_then(leading_identifier) {
        Some((second, rest)) => Some((Name::new(Some(first), second), rest)),
        None => Some((Name::new(None, first), rest)),
    }
}

/// A text that is a name and no more.
pub(super) fn whole_name(text: &str) -> Option<Name> {
    leading_name(text).filter(|(_, rest)| rest.trim().is_empty()).map(|(name, _)| name)
}

/// The identifiers in parentheses that a text begins with, and what follows them.
pub(super) fn leading_list(text: &str) -> Option<(Vec<String>, &str)> {
    let mut rest = text.trim_start().strip_prefix('(')?;
    let mut names = Vec::new();
    loop {
        let (name, after) = leading_identifier(rest)?;
        names.push(name);
        let after = after.trim_start();
        match (after.strip_prefix(','), after.strip_prefix(')')) {
            (Some(after), _) => rest = after,
            (_, Some(after)) => return Some((names, after)),
            _ => return None,
        }
    }
}

/// Identifiers with commas between, and no more.
pub(super) fn whole_list(text: &str) -> Option<Vec<String>> {
    let text = format!("({text})");
    leading_list(&text).filter(|(_, rest)| rest.is_empty()).map(|(names, _)| names)
}

/// The identifiers of an expression that may be columns: not in a string, and no function's name.
pub(super) fn mentioned(expression: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let end = rest[1..].find('\'').map_or(rest.len(), |end| end + 2);
            rest = &rest[end..];
        } else if first.is_ascii_digit() {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_');
        } else if let Some((name, after)) = (!first.is_whitespace()).then(|| leading_identifier(rest)).flatten() {
            if !after.trim_start().starts_with('(') {
                names.push(name);
            }
            rest = after;
        } else {
            rest = &rest[first.len_utf8()..];
        }
    }
    names
}

/// Outside quotes an identifier is folded to lower case, as Postgres does.
fn leading_identifier(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    if let Some(inside) = text.strip_prefix('"') {
        let mut name = String::new();
        let mut rest = inside;
        loop {
            let end = rest.find('"')?;
            name.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('"') {
                Some(after) => {
                    name.push('"');
                    rest = after;
                }
                None => return (!name.is_empty()).then_some((name, rest)),
            }
        }
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii();
    let starts = text.chars().next().is_some_and(|c| is_part(c) && !c.is_ascii_digit() && c != '$');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    starts.then(|| (text[..end].to_ascii_lowercase(), &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_postgres_reads_them() {
        for (text, schema, name, rest) in [
            ("users", "public", "users", ""),
            (" Users (id) on delete cascade", "public", "users", " (id) on delete cascade"),
            ("billing . \"Big Invoices\"(id)", "billing", "Big Invoices", "(id)"),
            ("\"a\"\"b\".c", "a\"b", "c", ""),
            ("straße.x", "straße", "x", ""),
        ] {
            assert_eq!(leading_name(text), Some((Name::new(Some(schema.to_owned()), name), rest)), "{text}");
        }
        for text in ["", "(id)", "1a", "\"open", "\"\""] {
            assert_eq!(leading_name(text), None, "{text}");
        }
    }

    #[test]
    fn lists_are_read_with_what_follows() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(leading_list(" (a, \"B c\" ) match full"), Some((names(&["a", "B c"]), " match full")));
        assert_eq!(leading_list("on delete cascade"), None);
        assert_eq!(leading_list("(lower(a))"), None);
        assert_eq!(whole_list("a, B"), Some(names(&["a", "b"])));
        assert_eq!(whole_list("a desc"), None);
    }

    #[test]
    fn an_expression_mentions_its_columns() {
        for (expression, expected) in [
            ("price >= 0", "price"),
            ("length(name) > 3 AND \"Kind\" <> 'name'", "name and Kind"),
            ("a2 > 1e5", "a2"),
            ("'it''s' = note", "note"),
            ("12", ""),
        ] {
            assert_eq!(mentioned(expression).join(" "), expected, "{expression}");
        }
    }

    #[test]
    fn a_name_is_written_with_its_schema() {
        assert_eq!(Name::new(None, "order").to_string(), "\"order\"");
        assert_eq!(Name::new(Some("app".to_owned()), "a\"b").to_string(), "app.\"a\"\"b\"");
    }
}
