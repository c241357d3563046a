//! Checks a `migration.rs`: that it parses and has the functions that the generated code calls.

use migrate_runtime::table::{Checksum, Position};
use syn::spanned::Spanned;
use syn::{FnArg, Item, ItemFn, ReturnType, Type, Visibility};

use crate::digest;
use crate::executes::{self, Executes};
use crate::problem::Problem;
use crate::source::Text;

/// What a Rust revision has to offer.
pub(crate) struct RustFile {
    pub(crate) up: Executes,
    /// None where the file has no function `down`.
    pub(crate) down: Option<Executes>,
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
    // Without the function the file is of no use, which is a problem already.
    let up = up.map_or(Ok(Vec::new()), executes::of);
    Some(RustFile { up, down: down.map(executes::of), token_checksum: digest::rust(tokens) })
}

fn check_function(function: &ItemFn, text: &Text, problems: &mut Vec<Problem>) {
    let name = function.sig.ident.to_string();
    let fault = if matches!(function.vis, Visibility::Inherited) {
        "is not `pub`".to_owned()
    } else if function.sig.asyncness.is_none() {
        "is not `async`".to_owned()
    } else if function.sig.inputs.len() != 1 {
        format!("takes {} parameters and not one", function.sig.inputs.len())
    } else if !function.sig.inputs.iter().all(is_context) {
        "takes something other than `&mut Context<'_>`".to_owned()
    } else if returns_nothing(&function.sig.output) {
        "returns nothing".to_owned()
    } else {
        return;
    };
    let problem = Problem::new(&text.shown, format!("the function `{name}` {fault}"));
    problems.push(problem.at(position(function.sig.ident.span())).help(wanted(&name)));
}

/// Whether the type is `&mut Context<…>`, by whatever path; what the name means is the compiler's to know.
fn is_context(parameter: &FnArg) -> bool {
    let FnArg::Typed(parameter) = parameter else { return false };
    let Type::Reference(reference) = &*parameter.ty else { return false };
    let Type::Path(path) = &*reference.elem else { return false };
    reference.mutability.is_some() && path.path.segments.last().is_some_and(|last| last.ident == "Context")
}

fn returns_nothing(output: &ReturnType) -> bool {
    match output {
        ReturnType::Default => true,
        ReturnType::Type(_, of) => matches!(&**of, Type::Tuple(tuple) if tuple.elems.is_empty()),
    }
}

fn wanted(name: &str) -> String {
    format!("write `pub async fn {name}(cx: &mut migrate_runtime::Context<'_>) -> migrate_runtime::Result<()> {{ … }}`")
}

fn position(span: proc_macro2::Span) -> Position {
    let start = span.span().start();
    Position { line: start.line, column: start.column + 1 }
}
