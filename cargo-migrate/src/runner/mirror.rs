//! The folder of the program, below the target folder: written where it is not what it must be, so that cargo has nothing to
//! do when nothing changed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use syn::Item;
use syn::spanned::Spanned as _;

use super::build::Build;
use super::manifest::{self, APPLICATION};
use super::place::Place;
use crate::folder_lock::FolderLock;
use crate::init::source_text::SourceText;
use crate::project::CargoPackage;
use crate::report::{Failure, Kind};
use migrate_runtime::table::Checksum;

/// What a program's own `main` is called in the mirror.
const OWN_MAIN: &str = "main_of_the_application";

/// Entries of a package's folder that the mirror has of its own, or must not have.
const OWN: [&str; 4] = ["Cargo.toml", "Cargo.lock", ".git", "target"];

/// The folder of a program, and the right to it: until the program runs, nobody else writes there.
#[derive(Debug)]
pub(super) struct Mirror {
    pub(super) folder: PathBuf,
    /// The name of the program.
    pub(super) target: String,
    /// Is given back when another program takes the place of this one, as every open file is.
    _alone: FolderLock,
}

/// Writes it.
pub(super) fn write(package: &CargoPackage, place: &Place, build: &Build) -> Result<Mirror, Failure> {
    let target = target_name(package, place);
    let folder = package.target_dir.join("migrate").join(&target);
    fs::create_dir_all(&folder).map_err(|error| Failure::io("make the folder", &folder, &error))?;
    let alone = FolderLock::of(&folder, &folder)?;
    let manifest = if place.in_library {
        let path =
            [APPLICATION].into_iter().chain(place.path.iter().map(String::as_str)).collect::<Vec<_>>().join("::");
        put(&folder.join("main.rs"), &main_of(&path))?;
        manifest::beside(package, build, &target)?
    } else {
        let root = package.package.manifest_path.parent().map_or(Path::new(""), |folder| folder.as_std_path());
        let source = place.target.src_path.as_std_path();
        let main = source.strip_prefix(root).map_err(|_| {
            Failure::new(Kind::Project, "the program's root lies outside of its package")
                .in_file(source)
                .help("move it below the package's folder")
        })?;
        links(root, &folder, main, package)?;
        put(&folder.join(main), &with_another_main(source, &place.path)?)?;
        manifest::mirrored(package, &target, main)?
    };
    put(&folder.join("Cargo.toml"), &manifest.to_string())?;
    lock_file(package, &folder)?;
    Ok(Mirror { folder, target, _alone: alone })
}

/// A name for the program that no other has: other packages of this name, other databases of the package, and another
/// place of the revisions in it have folders of their own, so that what is a link in one is never a folder in another.
fn target_name(package: &CargoPackage, place: &Place) -> String {
    let key = [
        package.package.manifest_path.as_str(),
        package.database.as_deref().unwrap_or_default(),
        place.target.src_path.as_str(),
    ];
    let digest = Checksum::of_tokens(key).to_string();
    format!("{}-migrate-{}", package.package.name, &digest[..8])
}

/// The `main` of the program, for the module at `path`.
fn main_of(path: &str) -> String {
    format!("fn main() -> ::std::process::ExitCode {{\n    ::migrate_runtime::command::main(&{path}::MIGRATIONS)\n}}\n")
}

/// The root of the user's program with another `main`. Lines stay where they are.
fn with_another_main(source: &Path, path: &[String]) -> Result<String, Failure> {
    let text = fs::read_to_string(source).map_err(|error| Failure::io("read", source, &error))?;
    let parsed = SourceText::parse(&text, source)?;
    let mains = parsed.file.items.iter().filter_map(|item| match item {
        Item::Fn(function) if function.sig.ident == "main" => Some(function.sig.ident.span()),
        _ => None,
    });
    // One for each system, say.
    let mains: Vec<_> = mains.collect();
    let (Some(first), false) = (parsed.file.items.first(), mains.is_empty()) else {
        return Err(Failure::new(Kind::Project, "the program has no `fn main` of its own to put another in place of")
            .in_file(source)
            .help("move the module with the revisions into a library, `src/lib.rs`"));
    };
    // From the end, so that what comes before stays where it is.
    let mut changed = parsed.text.to_owned();
    for main in mains.iter().rev() {
        changed.replace_range(parsed.start_of(*main)..parsed.end_of(*main), OWN_MAIN);
    }
    // What the application begins nobody calls now. Of all levels that are given the last one holds.
    changed.insert_str(parsed.start_of(first.span()), "#![allow(warnings, unused)] ");
    let path = ["crate"].into_iter().chain(path.iter().map(String::as_str)).collect::<Vec<_>>().join("::");
    Ok(format!("{changed}\n{}", main_of(&path)))
}

/// Links everything of the package, but for the folders on the way to `main`, which are folders of the mirror's own.
fn links(from: &Path, to: &Path, main: &Path, package: &CargoPackage) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::io("link", to, &error);
    if to.is_symlink() {
        // What is written below would be written into the user's own folder.
        fs::remove_file(to).map_err(failed)?;
    }
    fs::create_dir_all(to).map_err(failed)?;
    let mut on_the_way = main.components();
    let next = on_the_way.next().map(|part| part.as_os_str().to_owned());
    let rest = on_the_way.as_path();
    let is_own = |name: &std::ffi::OsStr| OWN.iter().any(|own| name == *own) || Some(name) == next.as_deref();
    let theirs: Vec<_> = fs::read_dir(from).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(failed)?;
    for entry in fs::read_dir(to).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(failed)? {
        let is_gone = !theirs.iter().any(|their| their.file_name() == entry.file_name());
        if is_gone && entry.path().is_symlink() {
            fs::remove_file(entry.path()).map_err(failed)?;
        }
    }
    for entry in theirs {
        let (name, path) = (entry.file_name(), entry.path());
        if !is_own(&name) && path != package.target_dir {
            let link = to.join(&name);
            if fs::read_link(&link).ok().as_deref() != Some(&path) {
                if link.is_symlink() {
                    fs::remove_file(&link).map_err(failed)?;
                }
                symlink(&path, &link).map_err(failed)?;
            }
        }
    }
    match next {
        Some(next) if !rest.as_os_str().is_empty() => links(&from.join(&next), &to.join(&next), rest, package),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn symlink(original: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(original, link)
}

#[cfg(not(unix))]
fn symlink(original: &Path, link: &Path) -> io::Result<()> {
    if original.is_dir() {
        std::os::windows::fs::symlink_dir(original, link)
    } else {
        std::os::windows::fs::symlink_file(original, link)
    }
}

/// The user's lock file, to which cargo adds what the program needs beyond it. Once that is done it stays, until the user's
/// changes.
fn lock_file(package: &CargoPackage, folder: &Path) -> Result<(), Failure> {
    let theirs = package.workspace_manifest.with_file_name("Cargo.lock");
    let Ok(text) = fs::read_to_string(&theirs) else { return Ok(()) };
    let (ours, seen) = (folder.join("Cargo.lock"), folder.join("Cargo.lock.seen"));
    if ours.is_file() && fs::read_to_string(&seen).is_ok_and(|seen| seen == text) {
        return Ok(());
    }
    put(&ours, &text)?;
    put(&seen, &text)
}

/// Writes a file that is not so already.
fn put(path: &Path, text: &str) -> Result<(), Failure> {
    if fs::read_to_string(path).is_ok_and(|before| before == text) && !path.is_symlink() {
        return Ok(());
    }
    if path.is_symlink() {
        // To write through a link would change the user's own file.
        fs::remove_file(path).map_err(|error| Failure::io("write", path, &error))?;
    }
    fs::write(path, text).map_err(|error| Failure::io("write", path, &error))
}
