//! The Cargo.toml of the program: what the user's package says, where it concerns the build.

use std::path::Path;

use cargo_metadata::{Dependency, DependencyKind, Package, TargetKind};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value, value};

use super::build::Build;
use crate::project::CargoPackage;
use crate::report::{Failure, Kind};

/// The runtime's package, and what the program needs of it.
const RUNTIME: (&str, &str) = ("migrate-runtime", "command");

/// What the library is called in the program.
pub(super) const APPLICATION: &str = "application";

/// Of a program beside the package, which uses its library.
pub(super) fn beside(package: &CargoPackage, build: &Build, target: &str) -> Result<DocumentMut, Failure> {
    let mut document = begun(package, target)?;
    document["package"]["name"] = value(target);
    document["package"]["version"] = value("0.0.0");
    let mut application = InlineTable::new();
    application.insert("package", package.package.name.as_str().into());
    application.insert("path", root(&package.package).into());
    application.insert("default-features", (!build.no_default_features).into());
    let features =
        if build.all_features { package.package.features.keys().cloned().collect() } else { build.features.clone() };
    application.insert("features", features.into_iter().collect::<Array>().into());
    let dependencies = &mut document["dependencies"];
    *dependencies = Item::Table(Table::new());
    dependencies[APPLICATION] = value(application);
    let mut runtime = written(runtime(package)?);
    runtime.remove("optional");
    dependencies[RUNTIME.0] = value(runtime);
    Ok(document)
}

/// Of the package's mirror, whose program has its root at `main`.
pub(super) fn mirrored(package: &CargoPackage, target: &str, main: &Path) -> Result<DocumentMut, Failure> {
    let mut document = begun(package, target)?;
    let Package { name, version, targets, features, dependencies, links, .. } = &package.package;
    document["package"]["name"] = value(name.as_str());
    document["package"]["version"] = value(version.to_string());
    if let Some(links) = links {
        document["package"]["links"] = value(links);
    }
    // A `build.rs` that the package does not want would be found by its name.
    document["package"]["build"] = value(false);
    for target in targets {
        let path = target.src_path.strip_prefix(root(&package.package)).unwrap_or(&target.src_path).as_str();
        if target.kind.contains(&TargetKind::CustomBuild) {
            document["package"]["build"] = value(path);
        } else if target.kind.iter().any(|kind| matches!(kind, TargetKind::Lib | TargetKind::RLib | TargetKind::DyLib))
        {
            document["lib"]["name"] = value(&target.name);
            document["lib"]["path"] = value(path);
        }
    }
    document["bin"][0]["path"] = value(main.display().to_string());
    for (name, enabled) in features {
        document["features"][name] = value(enabled.iter().cloned().collect::<Array>());
    }
    // To refuse here what has no such dependency, with a better message than cargo's.
    runtime(package)?;
    for dependency in dependencies {
        let table = match dependency.kind {
            DependencyKind::Normal => "dependencies",
            DependencyKind::Build => "build-dependencies",
            _ => continue,
        };
        let owner = match &dependency.target {
            None => &mut document[table],
            Some(target) => &mut document["target"][&target.to_string()][table],
        };
        owner[dependency.rename.as_ref().unwrap_or(&dependency.name)] = value(written(dependency));
    }
    Ok(document)
}

/// What both have in common: the edition, and what the workspace says of profiles, patches and the resolver.
fn begun(package: &CargoPackage, target: &str) -> Result<DocumentMut, Failure> {
    let mut document = DocumentMut::new();
    document["package"]["edition"] = value(package.package.edition.as_str());
    document["package"]["publish"] = value(false);
    for targets in ["autolib", "autobins", "autoexamples", "autotests", "autobenches"] {
        document["package"][targets] = value(false);
    }
    let mut program = Table::new();
    program["name"] = value(target);
    program["path"] = value("main.rs");
    let mut programs = toml_edit::ArrayOfTables::new();
    programs.push(program);
    document["bin"] = Item::ArrayOfTables(programs);
    let workspace = std::fs::read_to_string(&package.workspace_manifest)
        .map_err(|error| Failure::io("read", &package.workspace_manifest, &error))?
        .parse::<DocumentMut>()
        .map_err(|error| Failure::new(Kind::Project, error.to_string()).in_file(package.workspace_manifest.clone()))?;
    let resolver = workspace.get("workspace").and_then(|table| table.get("resolver")).and_then(Item::as_str);
    let resolver = resolver.unwrap_or(match package.package.edition.as_str() {
        "2015" | "2018" => "1",
        "2021" => "2",
        _ => "3",
    });
    document["workspace"]["resolver"] = value(resolver);
    let folder = package.workspace_manifest.parent().unwrap_or(Path::new(""));
    for table in ["profile", "patch"] {
        if let Some(item) = workspace.get(table) {
            document[table] = item.clone();
        }
    }
    if let Some(sources) = document.get_mut("patch").and_then(Item::as_table_like_mut) {
        let patches = sources.iter_mut().filter_map(|(_, source)| source.as_table_like_mut());
        for patches in patches.collect::<Vec<_>>() {
            for (_, patch) in patches.iter_mut() {
                if let Some(path) = patch.as_table_like_mut().and_then(|patch| patch.get_mut("path"))
                    && let Some(relative) = path.as_str()
                {
                    *path = value(folder.join(relative).display().to_string());
                }
            }
        }
    }
    Ok(document)
}

fn root(package: &Package) -> &str {
    package.manifest_path.parent().map_or("", |folder| folder.as_str())
}

/// The package's dependency on the runtime.
fn runtime(package: &CargoPackage) -> Result<&Dependency, Failure> {
    let mut dependencies = package.package.dependencies.iter();
    dependencies
        .find(|dependency| dependency.name == RUNTIME.0 && dependency.kind == DependencyKind::Normal)
        .ok_or_else(|| {
            Failure::new(Kind::Project, format!("{} does not depend on {}", package.package.name, RUNTIME.0))
                .help("`cargo migrate init` adds what it needs")
        })
}

/// A dependency as a manifest has it.
fn written(dependency: &Dependency) -> InlineTable {
    let mut table = InlineTable::new();
    if dependency.rename.is_some() {
        table.insert("package", dependency.name.as_str().into());
    }
    match (&dependency.path, &dependency.source) {
        (Some(path), _) => {
            table.insert("path", path.as_str().into());
        }
        (None, Some(source)) if source.repr.starts_with("git+") => git(&source.repr, &mut table),
        (None, _) => {
            table.insert("version", dependency.req.to_string().into());
            if let Some(registry) = &dependency.registry {
                table.insert("registry-index", registry.as_str().into());
            }
        }
    }
    table.insert("default-features", dependency.uses_default_features.into());
    let command = (dependency.name == RUNTIME.0 && dependency.kind == DependencyKind::Normal).then_some(RUNTIME.1);
    let features = dependency.features.iter().map(String::as_str).chain(command);
    table.insert("features", features.collect::<Array>().into());
    if dependency.optional {
        table.insert("optional", Value::from(true));
    }
    table
}

/// `git+https://host/repository?branch=main#commit`.
fn git(source: &str, table: &mut InlineTable) {
    let url = source.trim_start_matches("git+");
    let url = url.split('#').next().unwrap_or(url);
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    table.insert("git", url.into());
    if let Some((key, name)) = query.split_once('=') {
        table.insert(key, name.into());
    }
}
