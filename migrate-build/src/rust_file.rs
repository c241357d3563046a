//! Checks a `migration.rs`: that it parses and has the functions that the generated code calls.

use migrate_runtime::table::{Checksum, Position};
use syn::spanned::Spanned;
use syn::{Item, ItemFn, Visibility};

use crate::digest;
use crate::problem::Problem;
use crate::source::Text;

/// What a Rust revision has to offer.
pub(crate) struct RustFile {
    pub(crate) has_down: bool,
    pub(crate) token_checksum: Checksum,
}

/// Checks the file; nothing when it does not parse.
pub(crate) fn check(text: &Text, problems: &mut Vec<Problem>) -> Option<RustFile> {
    let file = match syn::parse_file(&text.text) {
        Ok(file) => file,
        Err(error) => {
            let problem = Problem::new(&text.shown, format!("this is not Rust: {error}"));
            problems.push(problem.at(position(error.span())).help("correct it; `rustc` reads the file as a module"));
            return None;
        }
    };
    let function = |name: &str| {
        file.items.iter().find_map(|item| match item {
            Item::Fn(function) if function.sig.ident == name => Some(function),
            _ => None,
        })
    };
    let (up, down) = (function("up"), function("down"));
    match up {
        Some(up) => check_function(up, text, problems),
        None => problems.push(
            Problem::new(&text.shown, "there is no function `up`")
                .at(Position { line: 1, column: 1 })
                .help(wanted("up")),
        ),
    }
    if let Some(down) = down {
        check_function(down, text, problems);
    }
    let tokens = text.text.parse().unwrap_or_default();
    Some(RustFile { has_down: down.is_some(), token_checksum: digest::rust(tokens) })
}

fn check_function(function: &ItemFn, text: &Text, problems: &mut Vec<Problem>) {
    let name = function.sig.ident.to_string();
    let fault = if matches!(function.vis, Visibility::Inherited) {
        "is not `pub`".to_owned()
    } else if function.sig.asyncness.is_none() {
        "is not `async`".to_owned()
    } else if function.sig.inputs.len() != 1 {
        format!("takes {} parameters and not one", function.sig.inputs.len())
    } else {
        return;
    };
    let problem = Problem::new(&text.shown, format!("the function `{name}` {fault}"));
    problems.push(problem.at(position(function.sig.ident.span())).help(wanted(&name)));
}

fn wanted(name: &str) -> String {
    format!("write `pub async fn {name}(cx: &mut migrate_runtime::Context<'_>) -> migrate_runtime::Result<()> {{ … }}`")
}

fn position(span: proc_macro2::Span) -> Position {
    let start = span.span().start();
    Position { line: start.line, column: start.column + 1 }
}
