//! Items that look like models and are none: on the wrong kind of item, inside a function, or under a condition.

use syn::visit::{self, Visit};
use syn::{Attribute, Ident, Item, ItemEnum, ItemStruct};

use crate::models::cfg::conditional;
use crate::models::derive::Derive;
use crate::models::enumeration::conditioned;
use crate::models::module_tree::Module;
use crate::models::package::Package;
use crate::models::source::Problems;

/// Tells what is wrong with an item that is no model itself.
pub(super) fn check(item: &Item, module: &Module, package: &Package, problems: &mut Problems) {
    let mut search = Search { module, package, problems };
    match item {
        Item::Struct(item) => search.outside(&item.attrs, &item.ident, Derive::Enum, "struct"),
        Item::Enum(item) => search.outside(&item.attrs, &item.ident, Derive::Table, "enum"),
        Item::Fn(_) | Item::Impl(_) | Item::Const(_) | Item::Trait(_) => search.visit_item(item),
        _ => {}
    }
}

struct Search<'s> {
    module: &'s Module,
    package: &'s Package,
    problems: &'s mut Problems,
}

impl Search<'_> {
    fn outside(&mut self, attributes: &[Attribute], ident: &Ident, wrong: Derive, kind: &str) {
        let spot = self.module.file.spot(ident.span());
        if self.package.derives(wrong, attributes, self.module) {
            let (marker, right) = match wrong {
                Derive::Enum => ("Enum", "Table"),
                Derive::Table => ("Table", "Enum"),
            };
            self.problems.add([spot
                .failure(format!(
                    "`{ident}` is {} {kind}, and derives `{marker}`",
                    if kind == "enum" { "an" } else { "a" }
                ))
                .help(format!("derive `{right}`"))]);
            return;
        }
        let Some(span) = conditional(attributes, &["Table", "Enum"]) else { return };
        // Other crates have a `Table` too: ours is imported, or named with its crate.
        let crate_names = &self.package.crate_names;
        let is_imported = ["Table", "Enum"].iter().any(|name| {
            let path = self.module.imports.expand(&self.module.path, &[(*name).to_owned()]);
            path.len() > 1 && crate_names.contains(&path[0])
        });
        let names: Vec<&str> = crate_names.iter().map(String::as_str).collect();
        if is_imported || conditional(attributes, &names).is_some() {
            let what = format!("whether `{ident}` is a model");
            self.problems.add([conditioned(&self.module.file.spot(span), &what)]);
        }
    }

    fn inside(&mut self, attributes: &[Attribute], ident: &Ident, derive: Derive) {
        if self.package.derives(derive, attributes, self.module) {
            let spot = self.module.file.spot(ident.span());
            self.problems.add([spot
                .failure(format!("`{ident}` is inside a function, where it is no part of the package's schema"))
                .help(format!("move it to a module, or remove `{}` from its derives", derive.name()))]);
        }
    }
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        // Functions of tests are no part of the program.
        let attributes = match item {
            Item::Fn(item) => &item.attrs[..],
            Item::Mod(item) => &item.attrs,
            _ => &[],
        };
        let is_test = |it: &Attribute| it.path().segments.last().is_some_and(|last| last.ident == "test");
        if attributes.iter().any(is_test) {
            return;
        }
        visit::visit_item(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        self.inside(&item.attrs, &item.ident, Derive::Table);
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        self.inside(&item.attrs, &item.ident, Derive::Enum);
    }
}
