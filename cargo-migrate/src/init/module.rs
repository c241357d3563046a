//! The module that includes the compiled revisions, in `lib.rs` or `main.rs`.

use std::path::Path;

use syn::spanned::Spanned;
use syn::{AttrStyle, Item};

use super::source_text::{SourceText, mentions};
use crate::report::{Failure, Kind};

/// What is added.
pub(crate) const MODULE: &str =
    "/// The revisions of the database.\npub mod migrations {\n    migrate_runtime::include_migrations!();\n}\n";

/// The text of the crate root with the module in it; none where it is there already. `elsewhere` is the text of
/// `migrations.rs`, where such a file exists.
pub(crate) fn add(text: &str, elsewhere: Option<&str>, shown: &Path) -> Result<Option<String>, Failure> {
    if mentions(text, "include_migrations") {
        return Ok(None);
    }
    let source = SourceText::parse(text, shown)?;
    let taken = source.file.items.iter().find(|item| matches!(item, Item::Mod(module) if module.ident == "migrations"));
    if let Some(module) = taken {
        if elsewhere.is_some_and(|text| mentions(text, "include_migrations")) {
            return Ok(None);
        }
        let start = module.span().start();
        let position = migrate_runtime::table::Position { line: start.line, column: start.column + 1 };
        return Err(Failure::new(Kind::Project, "there is another module called `migrations`")
            .at(shown, position, Some(source.text.to_owned()))
            .help("put `migrate_runtime::include_migrations!();` into it, or into a module of your own, yourself"));
    }
    let edited = inserted(&source);
    let whole =
        syn::parse_file(edited.trim_start_matches('\u{feff}')).is_ok() && mentions(&edited, "include_migrations");
    if whole {
        Ok(Some(edited))
    } else {
        Err(Failure::new(Kind::Project, "the file is laid out in an unusual way, so it cannot be edited safely")
            .in_file(shown)
            .help(format!("add this yourself: {}", MODULE.split_whitespace().collect::<Vec<_>>().join(" "))))
    }
}

/// The text with the module after the last module declaration, else after the imports, else at the top.
fn inserted(source: &SourceText<'_>) -> String {
    let declaration = |item: &&Item| matches!(item, Item::Mod(module) if module.content.is_none());
    let import = |item: &&Item| matches!(item, Item::Use(_) | Item::ExternCrate(_));
    let items = &source.file.items;
    let anchor = items.iter().rfind(declaration).or_else(|| items.iter().take_while(|item| import(item)).last());
    let anchor = match anchor {
        Some(item) => Some(source.end_of(item.span())),
        None => source
            .file
            .attrs
            .iter()
            .filter(|attribute| matches!(attribute.style, AttrStyle::Inner(_)))
            .map(|attribute| source.end_of(attribute.span()))
            .max(),
    };
    let Some(end) = anchor else {
        let start = source.file.shebang.as_ref().map_or(0, |line| line.len() + 1).min(source.text.len());
        let gap = if source.text[start..].trim().is_empty() { "" } else { "\n" };
        return source.replaced(start, start, &format!("{MODULE}{gap}"));
    };
    // A comment may follow the anchor on its line.
    let rest = &source.text[end..];
    let (start, lead) = match rest.find('\n') {
        Some(newline) if rest[..newline].trim().is_empty() || rest[..newline].trim().starts_with("//") => {
            (end + newline + 1, "\n")
        }
        None if rest.trim().is_empty() => (source.text.len(), "\n\n"),
        _ => (end, "\n\n"),
    };
    let follows = &source.text[start..];
    let gap = if follows.trim().is_empty() || follows.starts_with(['\n', '\r']) { "" } else { "\n" };
    source.replaced(start, start, &format!("{lead}{MODULE}{gap}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str) -> Result<Option<String>, String> {
        add(text, None, Path::new("src/lib.rs")).map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_module_has_its_place() {
        let crlf = MODULE.replace('\n', "\r\n");
        for (before, after) in [
            ("", MODULE.to_owned()),
            ("fn main() {}\n", format!("{MODULE}\nfn main() {{}}\n")),
            ("//! Crate.\n\nfn a() {}\n", format!("//! Crate.\n\n{MODULE}\nfn a() {{}}\n")),
            ("//! Crate.", format!("//! Crate.\n\n{MODULE}")),
            ("#![warn(missing_docs)]\nfn a() {}\n", format!("#![warn(missing_docs)]\n\n{MODULE}\nfn a() {{}}\n")),
            ("use a::b;\n\nfn a() {}\n", format!("use a::b;\n\n{MODULE}\nfn a() {{}}\n")),
            ("mod a;\nmod b; // why\nuse c;\n", format!("mod a;\nmod b; // why\n\n{MODULE}\nuse c;\n")),
            ("mod a; use b;", format!("mod a;\n\n{MODULE}\n use b;")),
            ("mod a; /* one\n two */ fn b() {}", format!("mod a;\n\n{MODULE}\n /* one\n two */ fn b() {{}}")),
            ("fn a() {}\r\nmod b;\r\n", format!("fn a() {{}}\r\nmod b;\r\n\r\n{crlf}")),
            ("#!/usr/bin/env x\nfn main() {}\n", format!("#!/usr/bin/env x\n{MODULE}\nfn main() {{}}\n")),
            ("\u{feff}// ö\nmod a;\n", format!("\u{feff}// ö\nmod a;\n\n{MODULE}")),
        ] {
            assert_eq!(edited(before).expect(before).expect("changed"), after, "{before:?}");
            assert_eq!(edited(&after), Ok(None), "the second time changes nothing");
        }
    }

    #[test]
    fn a_module_of_that_name_is_respected() {
        let root = "mod migrations;\n";
        let refusal = edited(root).expect_err("taken");
        assert!(refusal.starts_with("src/lib.rs:1:1: there is another module called `migrations`"), "{refusal}");
        let elsewhere = "migrate_runtime::include_migrations!();";
        assert!(matches!(add(root, Some(elsewhere), Path::new("src/lib.rs")), Ok(None)));
    }

    #[test]
    fn broken_source_is_shown() {
        assert!(edited("fn a( {}").expect_err("broken").starts_with("src/lib.rs:1:"));
    }
}
