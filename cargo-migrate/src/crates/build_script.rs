//! What a build script includes, read from its text: it is not run, and so the names of crates must be literals in it.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_runtime::table::Position;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::Visit;
use syn::{Expr, ExprLit, ExprMethodCall, Lit};

use crate::init::source_text::SourceText;
use crate::report::{Failure, Kind};

const METHOD: &str = "include_crate";

/// A call of `include_crate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Include {
    /// What it names: a crate, or a module in one.
    module: String,
    /// The database that is named in the same chain of calls.
    pub(super) database: Option<String>,
    file: PathBuf,
    position: Position,
    text: String,
}

impl Include {
    /// What code calls the crate.
    pub(super) fn crate_name(&self) -> &str {
        self.module.split("::").next().unwrap_or(&self.module).trim()
    }

    /// What is wrong with it.
    pub(super) fn failure(&self, message: impl Into<String>) -> Failure {
        Failure::new(Kind::Project, message).at(&self.file, self.position, Some(self.text.clone()))
    }
}

/// Reads the calls in a build script, in their order.
pub(super) fn read(path: &Path, shown: &Path) -> Result<Vec<Include>, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::io("read", shown, &error))?;
    of_text(&text, shown)
}

fn of_text(text: &str, shown: &Path) -> Result<Vec<Include>, Failure> {
    // Most have none, and need not be parsed.
    if !text.contains(METHOD) {
        return Ok(Vec::new());
    }
    let source = SourceText::parse(text, shown)?;
    let mut calls = Calls { text: source.text, shown, found: Vec::new(), unreadable: None };
    calls.visit_file(&source.file);
    // Inside a macro, as a path, or in whatever form: what was not read must not be taken for absent.
    let named = places_of(METHOD, source.file.to_token_stream());
    let unread = named.into_iter().find(|place| !calls.found.iter().any(|include| include.position == *place));
    match calls.unreadable.or(unread) {
        Some(position) => {
            Err(Failure::new(Kind::Project, "what is included here cannot be read without running the build script")
                .at(shown, position, Some(text.to_owned()))
                .help(format!("write one chain of calls with literals: `Config::new().{METHOD}(\"auth\").compile(…)`")))
        }
        None => Ok(calls.found),
    }
}

/// Finds chains of calls.
struct Calls<'t> {
    text: &'t str,
    shown: &'t Path,
    found: Vec<Include>,
    /// Where the first call is whose argument is no literal.
    unreadable: Option<Position>,
}

impl<'ast> Visit<'ast> for Calls<'_> {
    fn visit_expr_method_call(&mut self, last: &'ast ExprMethodCall) {
        let mut chain = vec![last];
        while let Some(Expr::MethodCall(before)) = chain.last().map(|call| &*call.receiver) {
            chain.push(before);
        }
        chain.reverse();
        let named = chain.iter().find(|call| call.method == "database");
        let database = named.and_then(|call| literal(call));
        // What a variable stands for, and what it was told of a database, is not known here.
        let is_known = named.is_none_or(|_| database.is_some()) && matches!(*chain[0].receiver, Expr::Call(_));
        for call in &chain {
            if call.method == METHOD {
                self.note(call, database.as_deref().filter(|_| is_known), is_known);
            }
            call.args.iter().for_each(|argument| self.visit_expr(argument));
        }
        self.visit_expr(&chain[0].receiver);
    }
}

impl Calls<'_> {
    fn note(&mut self, call: &ExprMethodCall, database: Option<&str>, is_known: bool) {
        let position = place(&call.method);
        match literal(call).filter(|_| is_known) {
            Some(module) => self.found.push(Include {
                module,
                database: database.map(str::to_owned),
                file: self.shown.to_owned(),
                position,
                text: self.text.to_owned(),
            }),
            None => drop(self.unreadable.get_or_insert(position)),
        }
    }
}

fn place(ident: &Ident) -> Position {
    let start = ident.span().start();
    Position { line: start.line, column: start.column + 1 }
}

/// Where a name stands, also inside macros.
fn places_of(name: &str, tokens: TokenStream) -> Vec<Position> {
    let of_tree = |tree| match tree {
        TokenTree::Ident(ident) if ident == name => vec![place(&ident)],
        TokenTree::Group(group) => places_of(name, group.stream()),
        _ => Vec::new(),
    };
    tokens.into_iter().flat_map(of_tree).collect()
}

/// The only argument of a call, where it is a text that is written out.
fn literal(call: &ExprMethodCall) -> Option<String> {
    match (call.args.first(), call.args.len()) {
        (Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })), 1) => Some(text.value()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn included(text: &str) -> Result<Vec<(String, Option<String>)>, String> {
        let includes = of_text(text, Path::new("build.rs")).map_err(|failure| failure.to_string())?;
        Ok(includes.into_iter().map(|include| (include.crate_name().to_owned(), include.database)).collect())
    }

    #[test]
    fn crates_are_found_with_their_databases() {
        let text = "fn main() -> migrate_build::Result {
            // .include_crate(\"comment\")
            migrate_build::Config::new().database(\"users\").include_crate(\"auth\").include_crate(\"a::b\").compile(\"u\")?;
            migrate_build::Config::new().include_crate(r\"jobs\").compile(text(\".include_crate(\"))
        }";
        let users = Some("users".to_owned());
        let expected = [("auth".to_owned(), users.clone()), ("a".to_owned(), users), ("jobs".to_owned(), None)];
        assert_eq!(included(text), Ok(expected.to_vec()));
        assert_eq!(included("fn main() { migrate_build::compile(\"migrations\") }"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_not_written_out_is_refused_with_its_place() {
        for text in [
            "fn main() {\n    inc!(Config::new()   .include_crate(\"auth\"));\n}",
            "fn main() {\n    Config::             include_crate(Config::new(), \"auth\");\n}",
            "fn main() {\n    c.database(\"users\").include_crate(\"auth\");\n}",
            "fn main() {\n    Config::new().database(n).include_crate(\"auth\");\n}",
        ] {
            let failure = of_text(text, Path::new("build.rs")).expect_err(text);
            assert!(failure.to_string().contains("without running the build script"), "{text}: {failure}");
        }
        for argument in ["NAME", "&name()", "concat!(\"a\", \"b\")", ""] {
            let text = format!("fn main() {{\n    Config::new().include_crate({argument});\n}}");
            let refused = included(&text).expect_err(argument);
            assert!(refused.contains("without running the build script"), "{refused}");
            let failure = of_text(&text, Path::new("build.rs")).expect_err(argument);
            assert!(format!("{failure:?}").contains("line: 2, column: 19"), "{failure:?}");
        }
    }
}
