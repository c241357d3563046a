//! Rust source as text that is edited in place: its syntax says where, its own bytes stay as they are.

use std::path::Path;

use migrate_runtime::table::Position;
use proc_macro2::{TokenStream, TokenTree};

use crate::report::{Failure, Kind};

/// A byte order mark, which the parser does not count.
const MARK: &str = "\u{feff}";

/// A source file, parsed.
pub(crate) struct SourceText<'t> {
    /// The text, without a byte order mark.
    pub(crate) text: &'t str,
    /// Its syntax.
    pub(crate) file: syn::File,
    has_mark: bool,
    /// Bytes before the first one that the parser counts.
    skipped: usize,
}

impl<'t> SourceText<'t> {
    pub(crate) fn parse(text: &'t str, shown: &Path) -> Result<Self, Failure> {
        let bare = text.strip_prefix(MARK).unwrap_or(text);
        let file = syn::parse_file(bare).map_err(|error| {
            let start = error.span().start();
            let position = Position { line: start.line, column: start.column + 1 };
            Failure::new(Kind::Project, format!("the file is not valid Rust: {}", said(&error)))
                .at(shown, position, Some(bare.to_owned()))
                .help("mend it, then run the command again")
        })?;
        let skipped = file.shebang.as_ref().map_or(0, String::len);
        Ok(Self { text: bare, file, has_mark: text.len() != bare.len(), skipped })
    }

    /// Where a token ends, in bytes of the text.
    pub(crate) fn end_of(&self, span: proc_macro2::Span) -> usize {
        span.byte_range().end + self.skipped
    }

    /// Where a token begins, in bytes of the text.
    pub(crate) fn start_of(&self, span: proc_macro2::Span) -> usize {
        span.byte_range().start + self.skipped
    }

    /// The text with the bytes from `start` to `end` replaced, line ends as in the rest of the file.
    pub(crate) fn replaced(&self, start: usize, end: usize, with: &str) -> String {
        let mark = if self.has_mark { MARK } else { "" };
        let with = if self.text.contains("\r\n") { with.replace('\n', "\r\n") } else { with.to_owned() };
        format!("{mark}{}{with}{}", &self.text[..start], &self.text[end..])
    }
}

/// What the parser says. Its lexer does not say what it stumbles over: that is nearly always a bracket.
fn said(error: &syn::Error) -> String {
    match error.to_string().as_str() {
        "cannot parse string into token stream" => "a bracket or a text here has no other end".to_owned(),
        said => said.to_owned(),
    }
}

/// Whether a name occurs in the code of a text, outside comments and strings.
pub(crate) fn mentions(text: &str, name: &str) -> bool {
    fn within(tokens: TokenStream, name: &str) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == name,
            TokenTree::Group(group) => within(group.stream(), name),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    let text = text.strip_prefix(MARK).unwrap_or(text);
    text.parse().is_ok_and(|tokens| within(tokens, name))
}
