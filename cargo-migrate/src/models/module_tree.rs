//! The modules of a package, found as the compiler finds them: from the roots of its targets by their `mod` items.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use syn::{Attribute, Expr, ExprLit, Item, ItemMod, Lit, Meta};

use crate::init::source_text::SourceText;
use crate::models::cfg::{Presence, presence};
use crate::models::imports::{Imports, name_of};
use crate::models::source::{Problems, SourceFile, Spot};
use crate::paths::shown;
use crate::report::Failure;

/// A module.
pub(super) struct Module {
    /// Its path, from `crate`.
    pub(super) path: Vec<String>,
    pub(super) file: Rc<SourceFile>,
    pub(super) imports: Imports,
    pub(super) items: Vec<Item>,
    /// The condition under which it is compiled, where it has one.
    pub(super) condition: Option<Spot>,
    /// Whether models are looked for in it; types are in every module.
    pub(super) is_searched: bool,
}

/// Reads modules, each file once.
pub(super) struct Tree<'p> {
    pub(super) modules: Vec<Module>,
    pub(super) problems: &'p mut Problems,
    here: PathBuf,
    /// Files in which models are looked for; none is all.
    searched: Option<HashSet<PathBuf>>,
    read: HashSet<PathBuf>,
}

/// Where a module is.
#[derive(Clone)]
struct Around {
    path: Vec<String>,
    condition: Option<Spot>,
    in_tests: bool,
}

impl<'p> Tree<'p> {
    pub(super) fn new(here: &Path, searched: Option<HashSet<PathBuf>>, problems: &'p mut Problems) -> Self {
        Self { modules: Vec::new(), problems, here: here.to_owned(), searched, read: HashSet::new() }
    }

    /// Reads the root of a target, and all modules below.
    pub(super) fn read_root(&mut self, root: &Path) {
        let folder = root.parent().unwrap_or(Path::new("")).to_owned();
        self.read_file(root, &folder, &Around { path: vec!["crate".to_owned()], condition: None, in_tests: false });
    }

    /// Reads a file that no module item leads to.
    pub(super) fn read_alone(&mut self, file: &Path) {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let folder = file.with_extension("");
        let path = vec!["crate".to_owned(), stem];
        self.read_file(file, &folder, &Around { path, condition: None, in_tests: false });
    }

    /// Whether a file was read.
    pub(super) fn has_read(&self, file: &Path) -> bool {
        self.read.contains(&real(file))
    }

    fn read_file(&mut self, path: &Path, folder: &Path, around: &Around) {
        if !self.read.insert(real(path)) {
            return;
        }
        let shown = shown(path, &self.here);
        let text = fs::read_to_string(path).map_err(|error| Failure::io("read", &shown, &error));
        let Some(text) = self.problems.take(text) else { return };
        let Some(source) = self.problems.take(SourceText::parse(&text, &shown)) else { return };
        // Positions do not count a byte order mark.
        let file = Rc::new(SourceFile { shown, text: source.text.to_owned() });
        let is_named = self.searched.as_ref().map(|searched| searched.contains(&real(path)));
        let mut around = around.clone();
        if is_named == Some(true) {
            // Whoever names a file says that it counts, whatever leads to it.
            around.condition = None;
        }
        // `#![cfg(…)]` at the top of the file.
        let around = self.under(&source.file.attrs, &around, &file);
        let beside = path.parent().unwrap_or(Path::new("")).to_owned();
        self.add(
            source.file.items,
            &file,
            &Folders { modules: folder.to_owned(), beside },
            &around,
            is_named.unwrap_or(true),
        );
    }

    fn add(&mut self, items: Vec<Item>, file: &Rc<SourceFile>, folders: &Folders, around: &Around, is_searched: bool) {
        let imports = Imports::of(&items);
        let mut rest = Vec::with_capacity(items.len());
        let mut below = Vec::new();
        for item in items {
            match item {
                Item::Mod(module) => below.push(module),
                item => rest.push(item),
            }
        }
        if !around.in_tests {
            self.modules.push(Module {
                path: around.path.clone(),
                file: Rc::clone(file),
                imports,
                items: rest,
                condition: around.condition.clone(),
                is_searched,
            });
        }
        for module in below {
            self.add_module(module, file, folders, around, is_searched);
        }
    }

    fn add_module(
        &mut self,
        module: ItemMod,
        file: &Rc<SourceFile>,
        folders: &Folders,
        around: &Around,
        is_searched: bool,
    ) {
        let name = name_of(&module.ident);
        let mut around = self.under(&module.attrs, around, file);
        around.path.push(name.clone());
        let path = path_attribute(&module.attrs);
        if let Some((_, items)) = module.content {
            let inside = folders.modules.join(path.unwrap_or(name));
            let folders = Folders { modules: inside.clone(), beside: inside };
            self.add(items, file, &folders, &around, is_searched);
            return;
        }
        if let Some(path) = path {
            let path = folders.beside.join(path);
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            self.read_file(&path, &folder, &around);
            return;
        }
        let folder = folders.modules.join(&name);
        let files = [folders.modules.join(format!("{name}.rs")), folder.join("mod.rs")];
        // Where there is none, the compiler will say so.
        if let Some(path) = files.into_iter().find(|path| path.is_file()) {
            self.read_file(&path, &folder, &around);
        }
    }

    fn under(&self, attributes: &[Attribute], around: &Around, file: &Rc<SourceFile>) -> Around {
        let mut under = around.clone();
        match presence(attributes) {
            Presence::Always => {}
            Presence::Tests => under.in_tests = true,
            Presence::Unknown(span) => under.condition = Some(file.spot(span)),
        }
        under
    }
}

/// Where the files of a module's modules are.
struct Folders {
    modules: PathBuf,
    /// Where a `#[path]` begins.
    beside: PathBuf,
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

/// One name for one file.
pub(super) fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
