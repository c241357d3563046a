//! The two digests that guard a revision: over its text, and over its tokens alone.

use migrate_runtime::table::Checksum;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::statements::Statement;

/// Digests the text without trailing white space on its lines and without final line breaks.
pub(crate) fn text(text: &str) -> Checksum {
    let lines: Vec<&str> =
        text.split('\n').map(|line| line.trim_end_matches([' ', '\t', '\r', '\x0b', '\x0c'])).collect();
    Checksum::of(lines.join("\n").trim_end_matches('\n'))
}

/// Digests the tokens of a SQL script: comments, white space and surplus semicolons do not count.
pub(crate) fn sql(statements: &[Statement<'_>]) -> Checksum {
    Checksum::of_tokens(
        statements.iter().flat_map(|statement| statement.tokens().iter().map(|token| token.text).chain([";"])),
    )
}

/// Digests the tokens of a Rust file: comments, documentation and white space do not count.
pub(crate) fn rust(tokens: TokenStream) -> Checksum {
    let mut words = Vec::new();
    flatten(tokens, &mut words);
    Checksum::of_tokens(words.iter().map(String::as_str))
}

fn flatten(tokens: TokenStream, words: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(hash) if hash.as_char() == '#' => {
                // Documentation is the attribute `#[doc = "…"]` or `#![doc = "…"]` by now.
                let bang = tokens.next_if(|next| matches!(next, TokenTree::Punct(bang) if bang.as_char() == '!'));
                if tokens.next_if(is_documentation).is_none() {
                    words.push("#".to_owned());
                    words.extend(bang.map(|bang| bang.to_string()));
                }
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                words.push(open.to_owned());
                flatten(group.stream(), words);
                words.push(close.to_owned());
            }
            other => words.push(other.to_string()),
        }
    }
}

fn is_documentation(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    let mut inside = group.stream().into_iter();
    group.delimiter() == Delimiter::Bracket
        && matches!(inside.next(), Some(TokenTree::Ident(doc)) if doc == "doc")
        && matches!(inside.next(), Some(TokenTree::Punct(equals)) if equals.as_char() == '=')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statements::Tokens;

    fn sql_of(text: &str) -> Checksum {
        sql(&Tokens::of(text).statements)
    }

    fn rust_of(text: &str) -> Checksum {
        rust(text.parse().unwrap())
    }

    #[test]
    fn white_space_at_the_ends_is_not_text() {
        assert_eq!(text("a \t\nb\n\n \n"), text("a\nb"));
        assert_ne!(text(" a\nb"), text("a\nb"));
        assert_ne!(text("a\n\nb"), text("a\nb"));
        assert_eq!(text("a\nb"), Checksum::of("a\nb"));
    }

    #[test]
    fn comments_are_not_tokens() {
        let plain = sql_of("SELECT 1; SELECT 'a -- b';");
        assert_eq!(sql_of("/* x */ SELECT\n1 -- y\n;;\nSELECT 'a -- b'"), plain);
        assert_ne!(sql_of("SELECT 1; SELECT 'a --  b';"), plain);
        assert_ne!(sql_of("SELECT 1 SELECT 'a -- b';"), plain);
        assert_ne!(sql_of("SELECT 'ab'"), sql_of("SELECT 'a' b"));
    }

    #[test]
    fn documentation_is_not_tokens() {
        let plain = rust_of("#[cfg(x)] fn up() { a != b }");
        assert_eq!(rust_of("//! Top.\n/// Doc.\n#[doc = \"more\"]\n#[cfg(x)]\nfn up() {\n // c\n a != b }"), plain);
        assert_ne!(rust_of("fn up() { a != b }"), plain);
        assert_ne!(rust_of("#![cfg(x)] fn up() { a != b }"), plain);
        assert_ne!(rust_of("#[cfg(x)] fn up() { (a != b) }"), plain);
    }
}
