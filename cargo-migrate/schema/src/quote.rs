//! Quoting: identifiers, literals and names, as `quote_ident` and `quote_literal` of Postgres do.

use crate::name::Name;
use std::borrow::Cow;

/// The schema whose objects are written without it.
pub(crate) const DEFAULT_SCHEMA: &str = "public";

/// Words that cannot stand for every kind of name without quotes, in any release from 13 to 18: all keywords but the
/// unreserved ones (`pg_get_keywords`, `src/include/parser/kwlist.h`).
const KEYWORDS: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "merge_action",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
];

/// An identifier, in quotes where it needs them.
#[must_use]
pub fn identifier(name: &str) -> Cow<'_, str> {
    let mut bytes = name.bytes();
    let plain_start = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let is_plain = plain_start && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_plain && KEYWORDS.binary_search(&name).is_err() {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(format!("\"{}\"", name.replace('"', "\"\"")))
    }
}

/// A name with its schema, whichever that is.
#[must_use]
pub fn qualified(name: &Name) -> String {
    if name.schema.is_empty() {
        return identifier(&name.name).into_owned();
    }
    format!("{}.{}", identifier(&name.schema), identifier(&name.name))
}

/// A string literal. Backslashes make it an escape string, which reads the same under every setting.
#[must_use]
pub fn literal(text: &str) -> String {
    let quotes = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", quotes.replace('\\', "\\\\")) } else { format!("'{quotes}'") }
}

/// Identifiers with commas between.
pub(crate) fn identifiers<'name>(names: impl IntoIterator<Item = &'name str>) -> String {
    names.into_iter().map(identifier).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{KEYWORDS, identifier, literal, qualified};
    use crate::name::Name;

    #[test]
    fn names_are_quoted_only_where_they_must_be() {
        for plain in ["users", "_a1", "name", "value"] {
            assert_eq!(identifier(plain), plain);
        }
        for (name, quoted) in
            [("User", "\"User\""), ("user", "\"user\""), ("1a", "\"1a\""), ("a\"b", "\"a\"\"b\""), ("", "\"\"")]
        {
            assert_eq!(identifier(name), quoted);
        }
        assert_eq!(qualified(&Name::new("App", "order")), "\"App\".\"order\"");
    }

    #[test]
    fn the_keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn a_literal_reads_the_same_under_every_setting() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal(r"a\b"), r"E'a\\b'");
    }
}
