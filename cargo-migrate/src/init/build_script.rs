//! The build script: a new one, or one statement more in the one that is there.

use std::path::Path;

use syn::{AttrStyle, GenericArgument, Item, ItemFn, PathArguments, ReturnType, Type};

use super::source_text::{SourceText, mentions};
use crate::report::{Failure, Kind};

/// The text of the build script with the call in it; none where it is there already.
pub(crate) fn add(text: Option<&str>, dir: &str, shown: &Path) -> Result<Option<String>, Failure> {
    let Some(text) = text else { return Ok(Some(fresh(dir))) };
    if mentions(text, "migrate_build") {
        return Ok(None);
    }
    let source = SourceText::parse(text, shown)?;
    let by_hand = |what: &str| {
        Failure::new(Kind::Project, format!("{what}, so it cannot be edited safely"))
            .in_file(shown)
            .help(format!("add this to its `main` yourself: {}", panicking(dir)))
    };
    let mains: Vec<&ItemFn> = source
        .file
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Fn(function) if function.sig.ident == "main" => Some(function),
            _ => None,
        })
        .collect();
    let main = match mains[..] {
        [main] => main,
        [] => return Err(by_hand("the build script has no `fn main`")),
        _ => return Err(by_hand("the build script has several `fn main`")),
    };
    let edited = inserted(&source, main, &call(main, dir));
    let whole = syn::parse_file(edited.trim_start_matches('\u{feff}')).is_ok() && mentions(&edited, "migrate_build");
    if whole { Ok(Some(edited)) } else { Err(by_hand("the build script is laid out in an unusual way")) }
}

/// What the edit adds, for the question.
pub(crate) fn line(text: &str, dir: &str) -> String {
    let main = syn::parse_file(text.trim_start_matches('\u{feff}')).ok().and_then(|file| {
        file.items.into_iter().find_map(|item| match item {
            Item::Fn(function) if function.sig.ident == "main" => Some(function),
            _ => None,
        })
    });
    main.map_or_else(|| panicking(dir), |main| call(&main, dir))
}

fn fresh(dir: &str) -> String {
    format!(
        "//! Compiles the revisions into the binary.\n\n\
         fn main() -> migrate_build::Result {{\n    migrate_build::compile({dir:?})\n}}\n"
    )
}

fn call(main: &ItemFn, dir: &str) -> String {
    if returns_any_error(&main.sig.output) { format!("migrate_build::compile({dir:?})?;") } else { panicking(dir) }
}

/// A form that fits whatever `main` returns, in every edition.
fn panicking(dir: &str) -> String {
    format!("migrate_build::compile({dir:?}).unwrap_or_else(|problems| panic!(\"{{}}\", problems));")
}

/// Whether `?` works on every error in a function that returns this: `Result<_, Box<dyn Error>>` and its like.
fn returns_any_error(output: &ReturnType) -> bool {
    let ReturnType::Type(_, returned) = output else { return false };
    let Type::Path(returned) = &**returned else { return false };
    let segments = &returned.path.segments;
    let Some(last) = segments.last().filter(|last| last.ident == "Result") else { return false };
    let arguments = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().collect(),
        PathArguments::None | PathArguments::Parenthesized(_) => Vec::new(),
    };
    match arguments[..] {
        [_, GenericArgument::Type(Type::Path(error))] => error.path.segments.last().is_some_and(|error| {
            error.ident == "Box"
                && matches!(&error.arguments, PathArguments::AngleBracketed(boxed)
                    if matches!(boxed.args.first(), Some(GenericArgument::Type(Type::TraitObject(_)))))
        }),
        [] | [_] => {
            segments.len() > 1
                && ["anyhow", "eyre", "color_eyre"].iter().any(|takes_any| segments[0].ident == takes_any)
        }
        _ => false,
    }
}

/// The text with a statement put first in a function.
fn inserted(source: &SourceText<'_>, main: &ItemFn, statement: &str) -> String {
    let braces = main.block.brace_token.span;
    let attributes = main.attrs.iter().filter(|attribute| matches!(attribute.style, AttrStyle::Inner(_)));
    let start = attributes
        .map(|attribute| source.end_of(attribute.bracket_token.span.close()))
        .fold(source.end_of(braces.open()), usize::max);
    let end = source.start_of(braces.close());
    let body = &source.text[start..end];
    if body.contains('\n') {
        return source.replaced(start, start, &format!("\n    {statement}"));
    }
    let rest = match body.trim() {
        "" => String::new(),
        rest => format!("\n    {rest}"),
    };
    source.replaced(start, end, &format!("\n    {statement}{rest}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PANICS: &str = "migrate_build::compile(\"migrations\").unwrap_or_else(|problems| panic!(\"{}\", problems));";

    fn edited(text: &str) -> Result<Option<String>, String> {
        add(Some(text), "migrations", Path::new("build.rs")).map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_call_comes_first_and_the_rest_stays() {
        for (before, after) in [
            ("fn main() {}\n", format!("fn main() {{\n    {PANICS}\n}}\n")),
            ("fn main() { a(); }", format!("fn main() {{\n    {PANICS}\n    a();\n}}")),
            (
                "// why\nfn main() {\n    // first\n    a();\n}\n",
                format!("// why\nfn main() {{\n    {PANICS}\n    // first\n    a();\n}}\n"),
            ),
            ("fn main() {\r\n    a();\r\n}\r\n", format!("fn main() {{\r\n    {PANICS}\r\n    a();\r\n}}\r\n")),
            ("\u{feff}fn main() {}", format!("\u{feff}fn main() {{\n    {PANICS}\n}}")),
            ("fn main() {\n    #![allow(unused)]\n    a();\n}", {
                format!("fn main() {{\n    #![allow(unused)]\n    {PANICS}\n    a();\n}}")
            }),
            (
                "fn main() -> Result<(), Box<dyn std::error::Error>> {\n    Ok(())\n}",
                "fn main() -> Result<(), Box<dyn std::error::Error>> {\n    \
                 migrate_build::compile(\"migrations\")?;\n    Ok(())\n}"
                    .to_owned(),
            ),
            (
                "fn main() -> anyhow::Result<()> {\n    Ok(())\n}",
                "fn main() -> anyhow::Result<()> {\n    migrate_build::compile(\"migrations\")?;\n    Ok(())\n}"
                    .to_owned(),
            ),
            (
                "fn main() -> std::io::Result<()> {\n    Ok(())\n}",
                format!("fn main() -> std::io::Result<()> {{\n    {PANICS}\n    Ok(())\n}}"),
            ),
            ("// größer\nfn main() { ä() }", format!("// größer\nfn main() {{\n    {PANICS}\n    ä()\n}}")),
        ] {
            assert_eq!(edited(before).expect(before).expect("changed"), after);
            assert_eq!(edited(&after), Ok(None), "the second time changes nothing");
        }
    }

    #[test]
    fn a_comment_is_no_call() {
        assert!(edited("// migrate_build::compile\nfn main() {}").expect("edited").is_some());
    }

    #[test]
    fn what_cannot_be_edited_safely_is_refused_with_the_line() {
        for (text, expected) in [
            ("mod a;", "build.rs: the build script has no `fn main`, so"),
            ("#[cfg(a)] fn main() {}\n#[cfg(b)] fn main() {}", "build.rs: the build script has several `fn main`, so"),
            ("fn main( {}", "build.rs:1:"),
        ] {
            let refusal = edited(text).expect_err(text);
            assert!(refusal.starts_with(expected), "{refusal}");
        }
    }
}
