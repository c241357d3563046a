//! The tokens of SQL, exactly as the Postgres server finds them (its `scan.l`).

use std::fmt;

/// Why a text cannot be cut into tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LexError {
    /// The byte where the unfinished token begins.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for LexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for LexError {}

/// What a token is, as far as finding statements needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A key word or an unquoted name.
    Word,
    /// A name in double quotes.
    Name,
    /// A string of any kind.
    Text,
    /// A number or a parameter.
    Number,
    /// An operator, or one character that is nothing else.
    Symbol,
    /// A comment of either kind.
    Comment,
}

/// A piece of the text that is not white space.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'t> {
    pub(crate) kind: Kind,
    pub(crate) text: &'t str,
    pub(crate) start: usize,
}

impl Token<'_> {
    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is this key word, given in upper case.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }
}

/// An iterator over the tokens; after an error it ends.
pub(crate) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }
}

impl<'t> Iterator for Lexer<'t> {
    type Item = Result<Token<'t>, LexError>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| is_space(*byte)) {
            self.at += 1;
        }
        let start = self.at;
        if start == bytes.len() {
            return None;
        }
        match token(bytes, start) {
            Ok((kind, end)) => {
                self.at = end;
                Some(Ok(Token { kind, text: &self.text[start..end], start }))
            }
            Err(message) => {
                self.at = bytes.len();
                Some(Err(LexError { offset: start, message }))
            }
        }
    }
}

/// The kind and the end of the token that begins at `start`.
fn token(bytes: &[u8], start: usize) -> Result<(Kind, usize), String> {
    let next = bytes.get(start + 1).copied();
    let after_next = bytes.get(start + 2).copied();
    let found = match (bytes[start], next, after_next) {
        (b'-', Some(b'-'), _) => (Kind::Comment, line_end(bytes, start)),
        (b'/', Some(b'*'), _) => (Kind::Comment, comment(bytes, start)?),
        (b'\'', ..) => (Kind::Text, string(bytes, start + 1, Escapes::Doubled)?),
        (b'e' | b'E', Some(b'\''), _) => (Kind::Text, string(bytes, start + 2, Escapes::Backslash)?),
        (b'b' | b'B' | b'x' | b'X' | b'n' | b'N', Some(b'\''), _) => {
            (Kind::Text, string(bytes, start + 2, Escapes::Doubled)?)
        }
        (b'u' | b'U', Some(b'&'), Some(b'\'')) => (Kind::Text, string(bytes, start + 3, Escapes::Doubled)?),
        (b'u' | b'U', Some(b'&'), Some(b'"')) => (Kind::Name, name(bytes, start + 3)?),
        (b'"', ..) => (Kind::Name, name(bytes, start + 1)?),
        (byte, ..) if is_word_start(byte) => (Kind::Word, run(bytes, start, is_word)),
        (b'$', Some(b'0'..=b'9'), _) => (Kind::Number, run(bytes, start + 1, |byte| byte.is_ascii_digit())),
        (b'$', ..) => match dollar_tag(bytes, start) {
            Some(tag) => (Kind::Text, dollar_quoted(bytes, start, tag)?),
            None => (Kind::Symbol, start + 1),
        },
        (b'0'..=b'9', ..) | (b'.', Some(b'0'..=b'9'), _) => (Kind::Number, number(bytes, start)),
        (b':', Some(b':' | b'='), _) | (b'.', Some(b'.'), _) => (Kind::Symbol, start + 2),
        (byte, ..) if is_operator(byte) => (Kind::Symbol, operator(bytes, start)),
        _ => (Kind::Symbol, start + 1),
    };
    Ok(found)
}

/// How a quote is written inside a string.
#[derive(Clone, Copy, PartialEq)]
enum Escapes {
    Doubled,
    /// Doubled as well, but a backslash takes the next character with it.
    Backslash,
}

/// The end of the string whose first character is at `at`.
fn string(bytes: &[u8], mut at: usize, escapes: Escapes) -> Result<usize, String> {
    loop {
        match bytes.get(at) {
            None => return Err("unterminated string".to_owned()),
            Some(b'\\') if escapes == Escapes::Backslash => at += 2,
            Some(b'\'') => match continuation(bytes, at + 1) {
                Some(inside) => at = inside,
                None => return Ok(at + 1),
            },
            Some(_) => at += 1,
        }
    }
}

/// Where a string goes on after the quote that ended at `at`, if it does: at a doubled quote, or at a quote on a later
/// line, which continues the string with the same escapes.
fn continuation(bytes: &[u8], mut at: usize) -> Option<usize> {
    if bytes.get(at) == Some(&b'\'') {
        return Some(at + 1);
    }
    let mut new_line = false;
    loop {
        match bytes.get(at)? {
            b'\n' | b'\r' => {
                new_line = true;
                at += 1;
            }
            byte if is_space(*byte) => at += 1,
            b'-' if bytes.get(at + 1) == Some(&b'-') => at = line_end(bytes, at),
            b'\'' if new_line => return Some(at + 1),
            _ => return None,
        }
    }
}

fn name(bytes: &[u8], mut at: usize) -> Result<usize, String> {
    loop {
        match bytes.get(at) {
            None => return Err("unterminated quoted name".to_owned()),
            Some(b'"') if bytes.get(at + 1) == Some(&b'"') => at += 2,
            Some(b'"') => return Ok(at + 1),
            Some(_) => at += 1,
        }
    }
}

/// The end of a `/* … */` comment; they nest.
fn comment(bytes: &[u8], start: usize) -> Result<usize, String> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'/'), Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (Some(b'*'), Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Ok(at);
                }
            }
            (Some(_), _) => at += 1,
            (None, _) => return Err("unterminated comment".to_owned()),
        }
    }
}

/// The delimiter `$tag$` that begins at `start`.
fn dollar_tag(bytes: &[u8], start: usize) -> Option<&[u8]> {
    let end = match bytes.get(start + 1) {
        Some(byte) if is_word_start(*byte) => run(bytes, start + 1, |byte| byte != b'$' && is_word(byte)),
        _ => start + 1,
    };
    (bytes.get(end) == Some(&b'$')).then(|| &bytes[start..=end])
}

fn dollar_quoted(bytes: &[u8], start: usize, tag: &[u8]) -> Result<usize, String> {
    let inside = start + tag.len();
    let mut at = inside;
    while let Some(dollar) = bytes[at..].iter().position(|byte| *byte == b'$') {
        at += dollar;
        if bytes[at..].starts_with(tag) {
            return Ok(at + tag.len());
        }
        at += 1;
    }
    Err(format!("unterminated dollar-quoted string {}", String::from_utf8_lossy(tag)))
}

fn number(bytes: &[u8], start: usize) -> usize {
    let digits = |from| run(bytes, from, |byte| byte.is_ascii_digit() || byte == b'_');
    let based = matches!(bytes.get(start + 1), Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B'));
    if bytes[start] == b'0' && based && bytes.get(start + 2).is_some_and(u8::is_ascii_hexdigit) {
        return run(bytes, start + 2, |byte| byte.is_ascii_hexdigit() || byte == b'_');
    }
    let mut end = digits(start);
    // `1..10` is a range in PL/pgSQL and two dots here.
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1) != Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1 + sign);
        }
    }
    end
}

/// The end of an operator: it stops before a comment, and gives back a trailing sign unless a character before it
/// could not be in an SQL operator.
fn operator(bytes: &[u8], start: usize) -> usize {
    let mut end = run(bytes, start, is_operator);
    let comment = bytes[start..end].windows(2).position(|pair| pair == b"--" || pair == b"/*");
    if let Some(comment) = comment {
        end = start + comment;
    }
    while end - start > 1
        && matches!(bytes[end - 1], b'+' | b'-')
        && !bytes[start..end - 1].iter().any(|byte| b"~!@#^&|`?%".contains(byte))
    {
        end -= 1;
    }
    end
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    run(bytes, start, |byte| byte != b'\n' && byte != b'\r')
}

fn run(bytes: &[u8], start: usize, belongs: impl Fn(u8) -> bool) -> usize {
    bytes[start..].iter().position(|byte| !belongs(*byte)).map_or(bytes.len(), |n| start + n)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_word(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_operator(byte: u8) -> bool {
    b"~!@#^&|`?+-*/%<>=".contains(&byte)
}

#[cfg(test)]
mod tests;
