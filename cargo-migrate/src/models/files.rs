//! Which files are read: those of the library and the programs of a package, or those that it names.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{Package, Target};
use glob::{MatchOptions, Pattern};
use syn::Item;

use crate::models::derive::{Derive, is_derived};
use crate::models::imports::Imports;
use crate::models::module_tree::{Module, Tree, real};
use crate::models::source::{Problems, SourceFile};
use crate::paths::{clean, shown};
use crate::report::{Failure, Kind};

/// As a shell has it: a `*` does not leave its folder.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// Reads the modules of a package. `configured` are the folders, files and patterns that it names.
pub(super) fn read(
    package: &Package,
    configured: Option<&[String]>,
    crate_names: &[String],
    here: &Path,
    problems: &mut Problems,
) -> Vec<Module> {
    let folder = package.manifest_path.as_std_path().parent().unwrap_or(Path::new("")).to_owned();
    let named = configured.map(|patterns| {
        let files = patterns.iter().filter_map(|pattern| problems.take(named_files(&folder, pattern, here)));
        files.flatten().collect::<BTreeSet<PathBuf>>()
    });
    let searched = named.as_ref().map(|files| files.iter().map(|file| real(file)).collect::<HashSet<_>>());
    let mut tree = Tree::new(here, searched, problems);
    let mut roots: Vec<&Target> = package.targets.iter().filter(|target| is_source(target)).collect();
    // The library first: what it shares with a program is read as the library's.
    roots.sort_by_key(|target| (target.is_bin(), target.name.clone()));
    for root in &roots {
        tree.read_root(root.src_path.as_std_path());
    }
    for file in named.iter().flatten().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
        if !tree.has_read(file) {
            tree.read_alone(file);
        }
    }
    if named.is_none() {
        let folders: BTreeSet<PathBuf> = roots
            .iter()
            .filter_map(|root| root.src_path.as_std_path().parent())
            // A root beside the manifest has tests and examples around it.
            .filter(|source| *source != folder && source.starts_with(&folder))
            .map(Path::to_owned)
            .collect();
        let files: BTreeSet<PathBuf> = folders.iter().flat_map(|folder| rust_files(folder)).collect();
        for file in files {
            if !tree.has_read(&file) {
                let lost = lost_model(&file, crate_names, here);
                tree.problems.add(lost);
            }
        }
    }
    tree.modules
}

fn is_source(target: &Target) -> bool {
    let is_other = target.is_test()
        || target.is_bench()
        || target.is_example()
        || target.is_custom_build()
        || target.is_proc_macro();
    !is_other
}

/// The files that a folder, a file or a pattern means.
fn named_files(folder: &Path, pattern: &str, here: &Path) -> Result<Vec<PathBuf>, Failure> {
    let path = clean(&folder.join(pattern));
    let files = if path.is_dir() {
        rust_files(&path)
    } else if path.is_file() {
        vec![path]
    } else {
        let text = format!("{}/{pattern}", Pattern::escape(&folder.display().to_string()));
        let paths = glob::glob_with(&text, MATCHING).map_err(|error| {
            Failure::new(Kind::Project, format!("`{pattern}` in `models` is no pattern: {}", error.msg))
                .in_file(shown(&folder.join("Cargo.toml"), here))
                .help("write a folder, or a pattern such as `src/**/models.rs`")
        })?;
        let mut files = Vec::new();
        for path in paths.flatten() {
            if path.is_dir() {
                files.extend(rust_files(&path));
            } else {
                files.push(path);
            }
        }
        files
    };
    if files.is_empty() {
        return Err(Failure::new(Kind::Project, format!("`{pattern}` in `models` names no Rust file"))
            .in_file(shown(&folder.join("Cargo.toml"), here))
            .help("name folders or files of the package: `models = [\"src/models\"]`"));
    }
    Ok(files)
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let pattern = format!("{}/**/*.rs", Pattern::escape(&folder.display().to_string()));
    glob::glob_with(&pattern, MATCHING).map(|paths| paths.flatten().collect()).unwrap_or_default()
}

/// A model in a file that belongs to no module: it was meant, or the file was forgotten.
fn lost_model(path: &Path, crate_names: &[String], here: &Path) -> Option<Failure> {
    let text = fs::read_to_string(path).ok()?;
    if !text.contains("derive") {
        return None;
    }
    // What is no Rust is no module either.
    let syntax = syn::parse_file(text.trim_start_matches('\u{feff}')).ok()?;
    let imports = Imports::of(&syntax.items);
    let module = vec!["crate".to_owned()];
    let ident = syntax.items.iter().find_map(|item| match item {
        Item::Struct(item) if is_derived(Derive::Table, &item.attrs, &imports, &module, crate_names) => {
            Some(&item.ident)
        }
        Item::Enum(item) if is_derived(Derive::Enum, &item.attrs, &imports, &module, crate_names) => Some(&item.ident),
        _ => None,
    })?;
    let file = std::rc::Rc::new(SourceFile { shown: shown(path, here), text: text.clone() });
    Some(
        file.spot(ident.span())
            .failure(format!("`{ident}` is in a file that no `mod` item of the package leads to"))
            .help("declare the module, delete the file, or name the files to read: `models = [\"src/models\"]` in Cargo.toml"),
    )
}
