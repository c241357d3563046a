//! Where the statements of a script begin and end.

use migrate_runtime::table::Span;

pub use crate::lexer::LexError;
use crate::lexer::{Kind, Lexer, Token};

/// Finds the statements: from the first token to the last, without comments around them and without the semicolon.
///
/// A semicolon ends a statement outside parentheses and outside a `BEGIN ATOMIC … END` body. Empty statements are
/// passed over.
///
/// # Errors
///
/// When a string, a quoted name or a comment does not end.
pub fn split(sql: &str) -> Result<Vec<Span>, LexError> {
    let script = Tokens::of(sql);
    match script.error {
        None => Ok(script.statements.iter().map(Statement::span).collect()),
        Some(error) => Err(error),
    }
}

/// The tokens of a statement, one after the other and without comments, as far as they can be told apart.
///
/// ```
/// let tokens: Vec<&str> = migrate_build::statements::tokens("DROP TABLE/* all of */\"t\"").collect();
/// assert_eq!(tokens, ["DROP", "TABLE", "\"t\""]);
/// ```
pub fn tokens(statement: &str) -> impl Iterator<Item = &str> {
    let tokens = Lexer::new(statement).map_while(Result::ok);
    tokens.filter(|token| token.kind != Kind::Comment).map(|token| token.text)
}

/// A script, cut into tokens and statements as far as possible.
pub(crate) struct Tokens<'t> {
    pub(crate) statements: Vec<Statement<'t>>,
    pub(crate) comments: Vec<Token<'t>>,
    pub(crate) error: Option<LexError>,
}

impl<'t> Tokens<'t> {
    pub(crate) fn of(sql: &'t str) -> Self {
        let mut found = Self { statements: Vec::new(), comments: Vec::new(), error: None };
        let mut open = Open::default();
        for token in Lexer::new(sql) {
            match token {
                Err(error) => found.error = Some(error),
                Ok(token) if token.kind == Kind::Comment => found.comments.push(token),
                Ok(token) if token.is_symbol(";") && open.ends_here() => found.statements.extend(open.take()),
                Ok(token) => open.push(token),
            }
        }
        found.statements.extend(open.take());
        found
    }
}

/// The tokens of one statement; at least one.
pub(crate) struct Statement<'t>(Vec<Token<'t>>);

impl<'t> Statement<'t> {
    pub(crate) fn span(&self) -> Span {
        let last = &self.0[self.0.len() - 1];
        Span::new(self.0[0].start, last.end())
    }

    pub(crate) fn tokens(&self) -> &[Token<'t>] {
        &self.0
    }
}

/// A statement whose end was not seen yet.
#[derive(Default)]
struct Open<'t> {
    tokens: Vec<Token<'t>>,
    parentheses: usize,
    bodies: usize,
}

impl<'t> Open<'t> {
    fn ends_here(&self) -> bool {
        self.parentheses == 0 && self.bodies == 0
    }

    fn take(&mut self) -> Option<Statement<'t>> {
        let tokens = std::mem::take(self).tokens;
        (!tokens.is_empty()).then_some(Statement(tokens))
    }

    fn push(&mut self, token: Token<'t>) {
        if token.is_symbol("(") {
            self.parentheses += 1;
        } else if token.is_symbol(")") {
            self.parentheses = self.parentheses.saturating_sub(1);
        } else if self.parentheses == 0 {
            let after = |test: fn(&Token<'_>) -> bool| self.tokens.last().is_some_and(test);
            if token.is_word("ATOMIC") && after(|last| last.is_word("BEGIN")) && creates_routine(&self.tokens) {
                self.bodies += 1;
            } else if self.bodies > 0
                && token.is_word("END")
                // Any other END belongs to a CASE or is a label: in a body each statement has its semicolon.
                && after(|last| last.is_symbol(";") || last.is_word("ATOMIC"))
            {
                self.bodies -= 1;
            }
        }
        self.tokens.push(token);
    }
}

/// Whether a statement begins with `CREATE [OR REPLACE] FUNCTION` or `PROCEDURE`.
fn creates_routine(tokens: &[Token<'_>]) -> bool {
    let starts = |words: &[&str]| {
        tokens.len() >= words.len() && tokens.iter().zip(words).all(|(token, word)| token.is_word(word))
    };
    ["FUNCTION", "PROCEDURE"].iter().any(|kind| starts(&["CREATE", kind]) || starts(&["CREATE", "OR", "REPLACE", kind]))
}

#[cfg(test)]
mod tests;
