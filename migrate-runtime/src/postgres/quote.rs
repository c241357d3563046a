//! Text as SQL: literals and identifiers that mean the same under every setting of the server.

use std::fmt::Write;

/// An `E''` literal: its meaning does not hang on `standard_conforming_strings` (Postgres manual, 4.1.2.2).
pub(crate) fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// A `bytea` literal.
pub(crate) fn bytes(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    format!("pg_catalog.decode('{hex}', 'hex')")
}

/// A `text[]` of literals.
pub(crate) fn text_array(items: &[&str]) -> String {
    let literals: Vec<String> = items.iter().map(|item| literal(item)).collect();
    format!("ARRAY[{}]::pg_catalog.text[]", literals.join(", "))
}

/// A quoted identifier.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::{identifier, literal, text_array};

    #[test]
    fn quotes_and_backslashes_are_doubled() {
        assert_eq!(literal(r"it's \n"), r"E'it''s \\n'");
        assert_eq!(identifier(r#"a"b"#), r#""a""b""#);
        assert_eq!(text_array(&[]), "ARRAY[]::pg_catalog.text[]");
        assert_eq!(text_array(&["a", "b'"]), "ARRAY[E'a', E'b''']::pg_catalog.text[]");
    }
}
