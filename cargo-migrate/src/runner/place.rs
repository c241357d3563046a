//! Where a package includes its revisions: in its library or in a program, and in which module.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{Target, TargetKind};
use migrate_runtime::table::Position;
use syn::{Item, ItemMod, Visibility};

use crate::init::source_text::mentions;
use crate::paths::shown;
use crate::project::CargoPackage;
use crate::report::{Failure, Kind};

/// The macro that includes them.
const MACRO: &str = "include_migrations";

/// Where the revisions are.
#[derive(Debug)]
pub(super) struct Place {
    /// The target that has them.
    pub(super) target: Target,
    /// The modules that lead to them, from the root of the crate.
    pub(super) path: Vec<String>,
    /// Whether they are in the library.
    pub(super) in_library: bool,
}

/// A module on the way.
#[derive(Clone, Debug)]
struct Step {
    name: String,
    is_public: bool,
    file: PathBuf,
    position: Position,
}

/// Finds them: in the library first, which others can use.
pub(super) fn find(package: &CargoPackage) -> Result<Place, Failure> {
    let is_library = |target: &Target| {
        target.kind.iter().any(|kind| matches!(kind, TargetKind::Lib | TargetKind::RLib | TargetKind::DyLib))
    };
    let is_program = |target: &Target| target.kind.contains(&TargetKind::Bin);
    let mut targets: Vec<&Target> =
        package.package.targets.iter().filter(|target| is_library(target) || is_program(target)).collect();
    targets.sort_by_key(|target| !is_library(target));
    for target in targets {
        let root = target.src_path.as_std_path();
        let mut way = Vec::new();
        let in_library = is_library(target);
        if look(root, &children_of_root(root), package.database.as_deref(), &mut way)? {
            check(&way, in_library)?;
            return Ok(Place {
                target: target.clone(),
                path: way.into_iter().map(|step| step.name).collect(),
                in_library,
            });
        }
    }
    let missing = Failure::new(Kind::Project, format!("no module of {} includes its revisions", package.package.name));
    Err(missing.help(match &package.database {
        None => {
            "`cargo migrate init` adds one: `pub mod migrations { migrate_runtime::include_migrations!(); }`".to_owned()
        }
        Some(name) => format!("add one: `pub mod {name} {{ migrate_runtime::include_migrations!(\"{name}\"); }}`"),
    }))
}

/// A library's modules are reached from outside; of a program's modules only the first is at hand in its root.
fn check(way: &[Step], in_library: bool) -> Result<(), Failure> {
    let from = if in_library { 0 } else { 1 };
    match way.iter().skip(from).find(|step| !step.is_public) {
        None => Ok(()),
        Some(Step { name, file, position, .. }) => {
            Err(Failure::new(Kind::Project, format!("the module `{name}` with the revisions is private"))
                .at(shown(file, &env::current_dir().unwrap_or_default()), *position, fs::read_to_string(file).ok())
                .help("write `pub mod`: Rust revisions are run by a program beside the package"))
        }
    }
}

/// Looks through a file and the modules below it, of which the files are in `children`.
fn look(file: &Path, children: &Path, database: Option<&str>, way: &mut Vec<Step>) -> Result<bool, Failure> {
    let Ok(text) = fs::read_to_string(file) else { return Ok(false) };
    let parsed = syn::parse_file(text.trim_start_matches('\u{feff}')).map_err(|error| {
        let start = error.span().start();
        let position = Position { line: start.line, column: start.column + 1 };
        Failure::new(Kind::Project, format!("the file is not valid Rust: {error}"))
            .at(shown(file, &env::current_dir().unwrap_or_default()), position, Some(text.clone()))
            .help("mend it, then run the command again")
    })?;
    // Most files of an application have nothing to do with it.
    if !mentions(&text, MACRO) && !parsed.items.iter().any(|item| matches!(item, Item::Mod(_))) {
        return Ok(false);
    }
    look_in(&parsed.items, file, children, database, way)
}

fn look_in(
    items: &[Item],
    file: &Path,
    children: &Path,
    database: Option<&str>,
    way: &mut Vec<Step>,
) -> Result<bool, Failure> {
    for item in items {
        match item {
            Item::Macro(called) if called.mac.path.segments.last().is_some_and(|last| last.ident == MACRO) => {
                let name = called.mac.parse_body::<syn::LitStr>().ok().map(|name| name.value());
                if name.as_deref() == database {
                    return Ok(true);
                }
            }
            Item::Mod(module) => {
                let name = module.ident.to_string();
                let start = module.mod_token.span.start();
                way.push(Step {
                    name: name.clone(),
                    is_public: matches!(module.vis, Visibility::Public(_)),
                    file: file.to_owned(),
                    position: Position { line: start.line, column: start.column + 1 },
                });
                let found = match &module.content {
                    Some((_, items)) => look_in(items, file, &children.join(&name), database, way)?,
                    None => match file_of(module, file, children) {
                        Some(below) => look(&below, &folder_below(&below, children, &name), database, way)?,
                        None => false,
                    },
                };
                if found {
                    return Ok(true);
                }
                way.pop();
            }
            _ => {}
        }
    }
    Ok(false)
}

/// The file of a module without a body (Rust reference, "Module source filenames").
fn file_of(module: &ItemMod, file: &Path, children: &Path) -> Option<PathBuf> {
    let name = module.ident.to_string();
    let told = module.attrs.iter().filter(|attribute| attribute.path().is_ident("path")).find_map(|attribute| {
        let value = &attribute.meta.require_name_value().ok()?.value;
        let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = value else { return None };
        Some(file.parent()?.join(text.value()))
    });
    let usual = [children.join(format!("{name}.rs")), children.join(&name).join("mod.rs")];
    told.into_iter().chain(usual).find(|path| path.is_file())
}

/// The folder in which the modules of a module's file have theirs.
fn folder_below(file: &Path, children: &Path, name: &str) -> PathBuf {
    match file.file_name() {
        Some(file_name) if file_name == "mod.rs" => file.parent().unwrap_or(children).to_owned(),
        _ => file.parent().unwrap_or(children).join(name),
    }
}

/// The folder in which the modules of a crate's root have their files.
fn children_of_root(root: &Path) -> PathBuf {
    root.parent().unwrap_or(root).to_owned()
}
