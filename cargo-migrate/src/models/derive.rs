//! Which items are models: those that carry one of the two markers.

use syn::punctuated::Punctuated;
use syn::{Attribute, Path, Token};

use crate::models::imports::{Imports, segments};

/// The markers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Derive {
    Table,
    Enum,
}

impl Derive {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Table => "Table",
            Self::Enum => "Enum",
        }
    }
}

/// Whether the attributes derive the marker. Other crates have a `Table` too: what is imported from one is not ours.
pub(super) fn is_derived(
    derive: Derive,
    attributes: &[Attribute],
    imports: &Imports,
    module: &[String],
    crate_names: &[String],
) -> bool {
    derived(attributes).iter().any(|path| {
        let path = imports.expand(module, &segments(path));
        let is_ours = match &path[..] {
            [_] => true,
            [first, ..] => first == "crate" || crate_names.contains(first),
            [] => false,
        };
        is_ours && path.last().is_some_and(|last| last == derive.name())
    })
}

/// Whether sqlx's `Type` is derived, or one of the two that it consists of.
pub(super) fn is_sqlx_type(attributes: &[Attribute], imports: &Imports, module: &[String]) -> bool {
    derived(attributes).iter().any(|path| {
        let path = imports.expand(module, &segments(path));
        let last = path.last().map_or("", String::as_str);
        path.first().is_some_and(|first| first == "sqlx") && matches!(last, "Type" | "Encode" | "Decode")
    })
}

/// Whether sqlx reads rows into the struct, by the names of its fields.
pub(super) fn is_sqlx_row(attributes: &[Attribute], imports: &Imports, module: &[String]) -> bool {
    derived(attributes).iter().any(|path| imports.expand(module, &segments(path)) == ["sqlx", "FromRow"])
}

fn derived(attributes: &[Attribute]) -> Vec<Path> {
    let lists = attributes.iter().filter(|attribute| attribute.path().is_ident("derive"));
    lists
        .filter_map(|attribute| attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).ok())
        .flatten()
        .collect()
}
