//! The crates whose revisions a package includes: build.rs names them, and cargo knows where they are.

mod build_script;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cargo_metadata::{DependencyKind, Metadata, Node, Package, PackageId, TargetKind};
use migrate_build::{Crates, History};
use migrate_runtime::Migrations;
use migrate_runtime::graph::nearest;

use self::build_script::Include;
use crate::manifest::{Manifest, Settings};
use crate::paths;
use crate::project::{self, DEFAULT_DIR};
use crate::refusal;
use crate::report::{Failure, Kind};

/// The crates that a package includes, looked up when they are first needed.
#[derive(Debug, Default)]
pub(crate) struct Included {
    crates: OnceLock<Crates>,
}

/// A package that may include crates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Including<'p> {
    pub(crate) package: &'p Package,
    /// The database that is meant, where it has several.
    pub(crate) database: Option<&'p str>,
    /// What keys its rows.
    pub(crate) key: &'p str,
    /// The Cargo.toml of its workspace.
    pub(crate) workspace_manifest: &'p Path,
}

/// Where the packages of a build are.
struct Build<'b> {
    metadata: &'b Metadata,
    workspace_manifest: &'b Path,
    here: &'b Path,
}

impl Included {
    /// The crates that a package includes; `metadata` asks cargo for the packages that it depends on.
    pub(crate) fn get(
        &self,
        Including { package, database, key, workspace_manifest }: Including<'_>,
        here: &Path,
        metadata: impl FnOnce() -> Result<Metadata, Failure>,
    ) -> Result<&Crates, Failure> {
        if let Some(crates) = self.crates.get() {
            return Ok(crates);
        }
        let includes = includes_of(package, database, here)?;
        let crates = if includes.is_empty() {
            Crates::none()
        } else {
            let metadata = metadata()?;
            let build = Build { metadata: &metadata, workspace_manifest, here };
            build.crates(package, key, &includes)?
        };
        Ok(self.crates.get_or_init(|| crates))
    }
}

impl Build<'_> {
    fn crates(&self, package: &Package, key: &str, includes: &[Include]) -> Result<Crates, Failure> {
        let tables: Result<Vec<(String, Migrations)>, Failure> = includes
            .iter()
            .map(|include| Ok((include.crate_name().to_owned(), self.table(package, include)?)))
            .collect();
        Ok(Crates::of(key, tables?))
    }

    /// The table of a crate, from its files.
    fn table(&self, package: &Package, include: &Include) -> Result<Migrations, Failure> {
        let included = self.dependency(package, include)?;
        let path = included.manifest_path.as_std_path();
        let mut settings = Manifest::read(path, paths::shown(path, self.here))?.settings("package")?;
        if self.metadata.workspace_members.contains(&included.id) {
            let shown = paths::shown(self.workspace_manifest, self.here);
            settings = settings.or(Manifest::read(self.workspace_manifest, shown)?.settings("workspace")?);
        }
        let (database, settings) = only_database(include, included, settings)?;
        let key = project::key(&included.name, database.as_deref());
        let dir = folder(included, settings);
        let shown = paths::shown(&dir, self.here);
        if !dir.is_dir() {
            return Err(include.failure(format!("the crate `{}` has no folder `{}`", include.crate_name(), shown.display())).help(
                "include a library that ships revisions, with its folder in `dir` of its `[package.metadata.migrate]`",
            ));
        }
        let includes = includes_of(included, database.as_deref(), self.here)?;
        let crates = self.crates(included, &key, &includes)?;
        let history =
            History::read(&dir, &shown, &crates).map_err(|problems| project::invalid(&problems, &shown, &dir))?;
        Ok(history.table(&key))
    }

    /// The package that code of another calls as it is included.
    fn dependency(&self, package: &Package, include: &Include) -> Result<&Package, Failure> {
        let resolved = self.metadata.resolve.as_ref();
        let node: Option<&Node> = resolved.and_then(|resolve| resolve.nodes.iter().find(|node| node.id == package.id));
        let is_normal = |kind: &cargo_metadata::DepKindInfo| kind.kind == DependencyKind::Normal;
        let deps = || node.iter().flat_map(|node| &node.deps).filter(|dep| dep.dep_kinds.iter().any(is_normal));
        let name = include.crate_name();
        let found = deps().find(|dep| dep.name == name);
        let found = found.and_then(|dep| self.metadata.packages.iter().find(|package| package.id == dep.pkg));
        found.ok_or_else(|| {
            let failure = include.failure(format!("{} has no dependency that code calls `{name}`", package.name));
            let is_it = |id: &PackageId| {
                let package = self.metadata.packages.iter().find(|package| package.id == *id);
                package.is_some_and(|package| package.name.replace('-', "_") == name)
            };
            let all = || node.iter().flat_map(|node| &node.deps);
            let near = nearest(name, deps().map(|dep| dep.name.as_str()));
            failure.help(match (deps().find(|dep| is_it(&dep.pkg)), all().find(|dep| dep.name == name), near) {
                (Some(renamed), ..) => format!("code calls it `{}` here", renamed.name),
                (_, Some(_), _) => {
                    "it is a dependency of tests or of the build script: move it to `[dependencies]`".to_owned()
                }
                (.., Some(near)) => format!("did you mean `{near}`?"),
                _ => "add the library to `[dependencies]`; one that is optional must be on by default".to_owned(),
            })
        })
    }
}

/// The folder of a package's revisions.
fn folder(package: &Package, settings: Settings) -> PathBuf {
    let root = package.manifest_path.as_std_path().parent().unwrap_or(Path::new("/"));
    paths::clean(&root.join(settings.dir.unwrap_or_else(|| PathBuf::from(DEFAULT_DIR))))
}

/// The one database that a crate has, and what is set for it; none where it has no name.
fn only_database(
    include: &Include,
    package: &Package,
    settings: Settings,
) -> Result<(Option<String>, Settings), Failure> {
    let names: Vec<String> = settings.databases.keys().cloned().collect();
    match &names[..] {
        [] => Ok((None, settings)),
        [name] => Ok((Some(name.clone()), crate::databases::settings_of(name, settings))),
        _ => Err(include
            .failure(format!("{} has several databases, and a crate is included with one", package.name))
            .help("run its revisions on their own: `migrations::upgrade` of each of its modules")),
    }
}

/// What the package's build script includes for a database.
fn includes_of(package: &Package, database: Option<&str>, here: &Path) -> Result<Vec<Include>, Failure> {
    let scripts = package.targets.iter().filter(|target| target.kind.contains(&TargetKind::CustomBuild));
    let mut includes = Vec::new();
    for script in scripts {
        let path = script.src_path.as_std_path();
        includes.extend(build_script::read(path, &paths::shown(path, here))?);
    }
    includes.retain(|include| include.database.as_deref() == database);
    Ok(includes)
}

/// The revision of an included crate that was typed, as a header names it.
pub(crate) fn revision(crates: &Crates, typed: &str) -> Result<String, Failure> {
    let (typed_name, id) = typed.split_once("::").unwrap_or((typed, ""));
    // `status` shows the package's name, a header has what code calls the crate.
    let Some((name, table)) = crates.find(typed_name) else {
        let name = typed_name.replace('-', "_");
        return Err(Failure::new(Kind::Usage, format!("`{typed}`: the crate `{name}` is not included"))
            .help(format!("include it in build.rs: `migrate_build::Config::new().include_crate(\"{name}\")`")));
    };
    let graph = table.graph().map_err(|errors| refusal::graph(&errors))?;
    let id = graph.find(id).map_err(|error| refusal::plan(&error))?;
    // The crate's own alone: what it includes itself is not reached through it.
    let id = Some(id).filter(|id| !id.contains("::")).ok_or_else(|| {
        Failure::new(Kind::Usage, format!("`{typed}` is not a revision of `{name}` itself"))
            .help("include the crate that has it in build.rs too, and name that one")
    })?;
    Ok(format!("{name}::{id}"))
}

/// Whether a build script includes a crate, in a form that can be read or not.
pub(crate) fn includes_any(script: &Path, shown: &Path) -> Result<bool, Failure> {
    Ok(!build_script::read(script, &shown.with_file_name("build.rs"))?.is_empty())
}
