//! What the names of a module mean: its `use` items, and what it has itself.

use std::collections::{HashMap, HashSet};

use syn::{Item, UseTree};

/// The names of a module.
#[derive(Debug, Default)]
pub(super) struct Imports {
    /// Imported names, each with its path as it is written.
    imported: HashMap<String, Vec<String>>,
    /// Items and modules that the module has itself.
    own: HashSet<String>,
}

impl Imports {
    pub(super) fn of(items: &[Item]) -> Self {
        let mut imports = Self::default();
        for item in items {
            match item {
                Item::Use(item) => imports.add(&item.tree, &mut Vec::new()),
                Item::Struct(item) => imports.own(&item.ident),
                Item::Enum(item) => imports.own(&item.ident),
                Item::Type(item) => imports.own(&item.ident),
                Item::Mod(item) => imports.own(&item.ident),
                _ => {}
            }
        }
        imports
    }

    /// The path as it is from everywhere: it begins with `crate`, or with the name of another crate. A name of whose
    /// origin nothing is said stays as it is.
    pub(super) fn expand(&self, module: &[String], path: &[String]) -> Vec<String> {
        self.expand_within(module, path, 0)
    }

    fn expand_within(&self, module: &[String], path: &[String], depth: usize) -> Vec<String> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let in_module = |module: &[String], rest: &[String]| [module, rest].concat();
        match first.as_str() {
            "crate" => path.to_vec(),
            "self" => in_module(module, rest),
            "super" => {
                let parent = &module[..module.len().saturating_sub(1).max(1)];
                match rest.first().map(String::as_str) {
                    // Imports of the parent are not known here: only its path is.
                    Some("super") => self.expand_within(parent, rest, depth),
                    _ => in_module(parent, rest),
                }
            }
            _ if self.own.contains(first) => in_module(module, path),
            // `use a::b; use b::c;` is a chain, and `use a::a` is none.
            _ => match self.imported.get(first).filter(|target| depth < 8 && target.first() != Some(first)) {
                Some(target) => self.expand_within(module, &[&target[..], rest].concat(), depth + 1),
                None => match self.imported.get(first) {
                    Some(target) => [&target[..], rest].concat(),
                    None => path.to_vec(),
                },
            },
        }
    }

    fn own(&mut self, ident: &syn::Ident) {
        self.own.insert(name_of(ident));
    }

    fn add(&mut self, tree: &UseTree, path: &mut Vec<String>) {
        match tree {
            UseTree::Path(tree) => {
                path.push(name_of(&tree.ident));
                self.add(&tree.tree, path);
                path.pop();
            }
            UseTree::Name(tree) if tree.ident == "self" => {
                if let Some(last) = path.last() {
                    self.imported.insert(last.clone(), path.clone());
                }
            }
            UseTree::Name(tree) => {
                let name = name_of(&tree.ident);
                let target = [&path[..], std::slice::from_ref(&name)].concat();
                self.imported.insert(name, target);
            }
            UseTree::Rename(tree) => {
                let last = if tree.ident == "self" { Vec::new() } else { vec![name_of(&tree.ident)] };
                self.imported.insert(name_of(&tree.rename), [&path[..], &last].concat());
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add(tree, path)),
            UseTree::Glob(_) => {}
        }
    }
}

/// A name without the mark of a raw identifier.
pub(super) fn name_of(ident: &syn::Ident) -> String {
    use syn::ext::IdentExt;
    ident.unraw().to_string()
}

/// The segments of a path, without their arguments.
pub(super) fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| name_of(&segment.ident)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_followed_to_their_origin() {
        let text = "use time::{self, OffsetDateTime, Date as Day}; use sqlx::types as t; use crate::ids::Id; \
                    use super::super::Money; mod inner {} struct Local; use uuid::uuid; use bits::*;";
        let file = syn::parse_file(text).expect("it is valid");
        let imports = Imports::of(&file.items);
        let module: Vec<String> = ["crate", "a", "b"].map(str::to_owned).to_vec();
        for (path, expected) in [
            ("OffsetDateTime", "time::OffsetDateTime"),
            ("Day", "time::Date"),
            ("time::Time", "time::Time"),
            ("t::Json", "sqlx::types::Json"),
            ("Id", "crate::ids::Id"),
            ("Money", "crate::Money"),
            ("super::X", "crate::a::X"),
            ("self::Y", "crate::a::b::Y"),
            ("inner::Z", "crate::a::b::inner::Z"),
            ("Local", "crate::a::b::Local"),
            ("uuid", "uuid::uuid"),
            ("Uuid", "Uuid"),
        ] {
            let path: Vec<String> = path.split("::").map(str::to_owned).collect();
            assert_eq!(imports.expand(&module, &path).join("::"), expected);
        }
    }
}
