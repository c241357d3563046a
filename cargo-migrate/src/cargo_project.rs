//! What cargo says of a project: where its manifest is, which package is meant, what it depends on.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use cargo_metadata::{Metadata, MetadataCommand, Package};
use migrate_runtime::graph::nearest;

use crate::globals::Globals;
use crate::manifest::Manifest;
use crate::paths::shown;
use crate::report::{Failure, Kind};

/// The Cargo.toml that was named, or the first one from here upwards.
pub(crate) fn nearest_manifest(globals: &Globals, here: &Path) -> Result<PathBuf, Failure> {
    let found = match &globals.manifest_path {
        Some(path) if path.is_file() => here.join(path),
        Some(path) => {
            return Err(Failure::new(Kind::Usage, format!("`{}` is not a file", path.display()))
                .help("`--manifest-path` takes the path of a Cargo.toml"));
        }
        None => {
            here.ancestors().map(|folder| folder.join("Cargo.toml")).find(|path| path.is_file()).ok_or_else(|| {
                Failure::new(Kind::Project, "there is no Cargo.toml here or in a folder above")
                    .help("run this inside a cargo project, or name a migrations folder with `--dir DIR`")
            })?
        }
    };
    real_folder(&found).map_err(|error| Failure::io("find", &found, &error))
}

/// The path with the links on the way to the file followed, but not the file itself: cargo wants it called Cargo.toml.
fn real_folder(file: &Path) -> io::Result<PathBuf> {
    let folder = fs::canonicalize(file.parent().unwrap_or(Path::new(".")))?;
    Ok(folder.join(file.file_name().unwrap_or_default()))
}

/// How much is asked of cargo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    Workspace,
    /// The packages that those depend on too: cargo may have to resolve and download them.
    Dependencies,
}

pub(crate) fn metadata(extent: Extent, options: &[String], manifest: &Path, here: &Path) -> Result<Metadata, Failure> {
    // Read here first: a syntax error is then shown in our form, with the line.
    Manifest::read(manifest, shown(manifest, here))?;
    let mut command = MetadataCommand::new();
    command.manifest_path(manifest).other_options(options);
    if extent == Extent::Workspace {
        command.no_deps();
    }
    let shows = if extent == Extent::Workspace { "`cargo metadata --no-deps`" } else { "`cargo metadata`" };
    command.exec().map_err(|error| match error {
        cargo_metadata::Error::Io(error) => {
            let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
            Failure::new(Kind::Project, format!("could not run `{cargo}`: {error}"))
                .help("install Rust and put cargo on the PATH, or name a migrations folder with `--dir DIR`")
        }
        cargo_metadata::Error::CargoMetadata { stderr } => {
            let text = stderr.trim();
            let text = text.strip_prefix("error: ").unwrap_or(text);
            Failure::new(Kind::Project, format!("cargo cannot read this project: {text}"))
                .help(format!("{shows} shows the same; mend what it names"))
        }
        error => Failure::new(Kind::Project, format!("cargo's answer about this project makes no sense: {error}"))
            .help(format!("check that {shows} works here")),
    })
}

/// The package that was named, else the one whose manifest is nearest, else the only one.
pub(crate) fn select<'m>(metadata: &'m Metadata, name: Option<&str>, manifest: &Path) -> Result<&'m Package, Failure> {
    let mut members = metadata.workspace_packages();
    members.sort_unstable_by_key(|package| package.name.as_str());
    let names = || members.iter().map(|member| format!("`{}`", member.name)).collect::<Vec<_>>().join(", ");
    if let Some(name) = name {
        return members.iter().find(|member| member.name.as_str() == name).copied().ok_or_else(|| {
            let near = nearest(name, members.iter().map(|member| member.name.as_str()));
            Failure::new(Kind::Usage, format!("no package of this workspace is called `{name}`")).help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its packages are {}", names()),
            })
        });
    }
    let is_nearest =
        |package: &&Package| real_folder(package.manifest_path.as_std_path()).is_ok_and(|path| path == manifest);
    match (members.iter().copied().find(is_nearest), &members[..]) {
        (Some(package), _) => Ok(package),
        (None, [package]) => Ok(package),
        (None, []) => Err(Failure::new(Kind::Project, "this workspace has no packages")
            .help("make one with `cargo new NAME`, then run the command in it")),
        (None, _) => Err(Failure::new(Kind::Usage, "this is a workspace of several packages")
            .help(format!("choose one with `-p`: {}", names()))),
    }
}
