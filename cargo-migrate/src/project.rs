//! Finding the project: the package that is meant, its migrations folder, and the key of its rows in the version table.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cargo_metadata::Package;
use migrate_build::{Crates, History, Outline, Problem};
use migrate_runtime::Migrations;
use migrate_runtime::plan::Direction;

use crate::cargo_project::{self, Extent};
use crate::crates::{self, Included};
use crate::databases;
use crate::desired::Desired;
use crate::globals::Globals;
use crate::manifest::{Manifest, Settings};
use crate::manner::Manner;
use crate::paths::{clean, shown};
use crate::refusal::Texts;
use crate::report::{Failure, Kind, Place};

/// The migrations folder of a package that configures none.
pub(crate) const DEFAULT_DIR: &str = "migrations";

/// The package key where no package is near.
const DEFAULT_PACKAGE: &str = "default";

/// Where revisions are kept, and under which name the database knows them.
#[derive(Debug)]
pub(crate) struct Project {
    /// The package key of the version table.
    pub(crate) package: String,
    /// The package's folder; with `--dir`, the parent of the migrations folder.
    pub(crate) root: PathBuf,
    /// The migrations folder.
    pub(crate) dir: PathBuf,
    /// The migrations folder as messages show it.
    pub(crate) shown: PathBuf,
    /// The migrations folder as the package configures it: relative to `root`.
    pub(crate) configured: PathBuf,
    /// The environment variable that holds the database URL, where the package names one.
    pub(crate) database_url_env: Option<String>,
    /// What its schema shall be.
    pub(crate) desired: Desired,
    /// How the package wants its runs to behave.
    manner: Manner,
    /// Folders in which a `.env` may lie, the nearest first.
    pub(crate) env_dirs: Vec<PathBuf>,
    /// The cargo package; none with `--dir`.
    pub(crate) cargo: Option<CargoPackage>,
}

/// What cargo says of the package.
#[derive(Debug)]
pub(crate) struct CargoPackage {
    /// The package.
    pub(crate) package: Package,
    /// The Cargo.toml of the workspace, which may be the package's own.
    pub(crate) workspace_manifest: PathBuf,
    /// Where cargo builds.
    pub(crate) target_dir: PathBuf,
    /// The database that is meant, where the package has several.
    pub(crate) database: Option<String>,
    /// The names of all its databases; none where it has one without a name.
    pub(crate) names: Vec<String>,
    /// What cargo is told on its command line.
    options: Vec<String>,
    /// The crates whose revisions it includes.
    included: Included,
}

impl Project {
    /// Finds the project; its migrations folder need not exist.
    pub(crate) fn locate(globals: &Globals) -> Result<Self, Failure> {
        let here = env::current_dir().map_err(|error| Failure::io("find", Path::new("."), &error))?;
        match &globals.dir {
            // Given on both sides of the verb, clap does not see that they exclude each other.
            Some(_) if globals.name.is_some() || globals.all => {
                Err(Failure::new(Kind::Usage, "`--dir` names one folder, and `-n` and `--all` databases of a package")
                    .help("give the folder alone, or run the command in the package without `--dir`"))
            }
            Some(dir) => {
                let project = Self::of_folder(dir, &here)?;
                Ok(match &globals.package {
                    Some(package) => Self { package: package.clone(), ..project },
                    None => project,
                })
            }
            None => Self::of_package(globals, &here),
        }
    }

    /// Refuses a migrations folder that is missing or is no folder.
    pub(crate) fn check_folder(&self) -> Result<(), Failure> {
        let shown = self.shown.display();
        let init = match self.cargo {
            Some(_) => "`cargo migrate init`".to_owned(),
            None => format!("`cargo migrate init --dir {shown}`"),
        };
        match fs::metadata(&self.dir) {
            Ok(metadata) if metadata.is_dir() => Ok(()),
            Ok(_) => Err(Failure::new(Kind::Project, format!("`{shown}` is a file, not a folder of revisions"))
                .help(format!("move the file away, then run {init}"))),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                let in_the_way = self.shown.ancestors().skip(1).find(|path| path.is_file()).unwrap_or(&self.shown);
                let file = in_the_way.display();
                Err(Failure::new(Kind::Project, format!("`{shown}` cannot be a folder: `{file}` is a file")).help(
                    match self.cargo {
                        Some(_) => "move the file away, or set another `dir` under `[package.metadata.migrate]`",
                        None => "move the file away, or name another folder with `--dir`",
                    },
                ))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Failure::new(Kind::Project, format!("there is no folder `{shown}`")).help(format!("run {init}")))
            }
            Err(error) => Err(Failure::io("read", &self.shown, &error)),
        }
    }

    /// Reads and checks the revisions.
    pub(crate) fn history(&self) -> Result<History, Failure> {
        let crates = self.crates()?;
        History::read(&self.dir, &self.shown, crates).map_err(|problems| self.invalid(&problems))
    }

    /// The executor's table: the package's revisions and those of the crates that it includes.
    pub(crate) fn table(&self) -> Result<Migrations, Failure> {
        Ok(self.history()?.table(&self.package))
    }

    /// The crates whose revisions the package includes.
    pub(crate) fn crates(&self) -> Result<&Crates, Failure> {
        static NONE: LazyLock<Crates> = LazyLock::new(Crates::none);
        let Some(cargo) = &self.cargo else {
            let script = self.root.join("build.rs");
            return match script.is_file() && crates::includes_any(&script, &self.shown)? {
                false => Ok(&NONE),
                true => Err(Failure::new(
                    Kind::Usage,
                    "`--dir` is one folder, and the build script beside it includes crates",
                )
                .help("run this in the package without `--dir`, or with `-p`")),
            };
        };
        let here = env::current_dir().unwrap_or_default();
        let package = crates::Including {
            package: &cargo.package,
            database: cargo.database.as_deref(),
            key: &self.package,
            workspace_manifest: &cargo.workspace_manifest,
        };
        cargo.included.get(package, &here, || {
            cargo_project::metadata(Extent::Dependencies, &cargo.options, &cargo.workspace_manifest, &here)
        })
    }

    /// Reads and checks the revisions; on the way down several may be heads that no label tells apart, since nobody asks
    /// which is meant.
    pub(crate) fn history_for(&self, direction: Direction) -> Result<History, Failure> {
        match direction {
            Direction::Up => self.history(),
            Direction::Down => {
                let crates = self.crates()?;
                History::read_forked(&self.dir, &self.shown, crates).map_err(|problems| self.invalid(&problems))
            }
        }
    }

    /// Reads names and headers alone: the scripts may be unfinished.
    pub(crate) fn outline(&self) -> Result<Outline, Failure> {
        Outline::read(&self.dir, &self.shown).map_err(|problems| self.invalid(&problems))
    }

    /// Reads names and headers alone, to answer a question about the graph: what keeps the revisions from being one is the
    /// answer then, and not the state of the files.
    pub(crate) fn outline_as_asked(&self) -> Result<Outline, Failure> {
        Outline::read(&self.dir, &self.shown).map_err(|problems| {
            let mut problems: Vec<&Problem> = problems.iter().collect();
            problems.sort_by_key(|problem| problem.kind.is_none());
            self.invalid(problems.iter().copied()).of_kind(problems[0].kind.map_or(Kind::Revisions, Kind::Target))
        })
    }

    /// How the package wants its runs to behave.
    pub(crate) fn manner(&self) -> Manner {
        let here = env::current_dir().unwrap_or_default();
        let file = |file: &Option<PathBuf>| file.as_ref().map(|file| shown(&self.root.join(file), &here));
        let (session_setup, session_end) = (file(&self.manner.session_setup), file(&self.manner.session_end));
        Manner { session_setup, session_end, ..self.manner.clone() }
    }

    /// Where a file is that messages show.
    pub(crate) fn path_of(&self, shown: &str) -> PathBuf {
        match Path::new(shown).strip_prefix(&self.shown) {
            Ok(inside) => self.dir.join(inside),
            // A file of a crate that is included, as it is seen from here.
            Err(_) => PathBuf::from(shown),
        }
    }

    fn invalid<'p>(&self, problems: impl IntoIterator<Item = &'p Problem>) -> Failure {
        invalid(problems, &self.shown, &self.dir)
    }

    fn of_folder(dir: &Path, here: &Path) -> Result<Self, Failure> {
        let absolute = clean(&here.join(dir));
        let root = absolute.parent().unwrap_or(&absolute).to_owned();
        let mut package = DEFAULT_PACKAGE.to_owned();
        let mut settings = Settings::default();
        let mut env_dirs = vec![here.to_owned(), root.clone()];
        for folder in root.ancestors() {
            let path = folder.join("Cargo.toml");
            if !path.is_file() {
                continue;
            }
            let manifest = Manifest::read(&path, shown(&path, here))?;
            if let Some(name) = manifest.package_name() {
                name.clone_into(&mut package);
                settings = manifest.settings("package")?;
                env_dirs.push(folder.to_owned());
                break;
            }
        }
        env_dirs.dedup();
        Ok(Self {
            package,
            configured: PathBuf::from(absolute.file_name().unwrap_or_default()),
            root,
            dir: absolute,
            shown: dir.to_owned(),
            desired: settings.desired,
            manner: settings.manner,
            database_url_env: settings.database_url_env,
            env_dirs,
            cargo: None,
        })
    }

    fn of_package(globals: &Globals, here: &Path) -> Result<Self, Failure> {
        let nearest_manifest = cargo_project::nearest_manifest(globals, here)?;
        let flags = [(globals.locked, "--locked"), (globals.offline, "--offline")];
        let options: Vec<String> = flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag.to_owned()).collect();
        let metadata = cargo_project::metadata(Extent::Workspace, &options, &nearest_manifest, here)?;
        let package = cargo_project::select(&metadata, globals.package.as_deref(), &nearest_manifest)?.clone();
        let target_dir = metadata.target_directory.into_std_path_buf();
        let workspace_root = metadata.workspace_root.into_std_path_buf();
        let workspace_manifest = workspace_root.join("Cargo.toml");
        let path = package.manifest_path.as_std_path();
        let manifest = Manifest::read(path, shown(path, here))?;
        let mut settings = manifest.settings("package")?;
        if workspace_manifest == path {
            settings = settings.or(manifest.settings("workspace")?);
        } else if workspace_manifest.is_file() {
            let workspace = Manifest::read(&workspace_manifest, shown(&workspace_manifest, here))?;
            settings = settings.or(workspace.settings("workspace")?);
        }
        let root = path.parent().unwrap_or(here).to_owned();
        let names: Vec<String> = settings.databases.keys().cloned().collect();
        let database = databases::chosen(globals, &settings, package.name.as_str())?;
        if let Some(name) = &database {
            settings = databases::settings_of(name, settings);
        }
        let manner = settings.manner;
        let configured = settings.dir.unwrap_or_else(|| PathBuf::from(DEFAULT_DIR));
        let dir = clean(&root.join(&configured));
        let mut env_dirs = vec![here.to_owned(), root.clone(), workspace_root];
        env_dirs.dedup();
        Ok(Self {
            package: key(&package.name, database.as_deref()),
            shown: shown(&dir, here),
            root,
            dir,
            configured,
            desired: settings.desired,
            manner,
            database_url_env: settings.database_url_env,
            env_dirs,
            cargo: Some(CargoPackage {
                package,
                workspace_manifest,
                target_dir,
                database,
                names,
                options,
                included: Included::default(),
            }),
        })
    }
}

/// What is wrong with the revisions in the folder `dir`, which is called `shown`.
pub(crate) fn invalid<'p>(problems: impl IntoIterator<Item = &'p Problem>, shown: &Path, dir: &Path) -> Failure {
    Failure::revisions(problems.into_iter().map(|problem| {
        let inside = problem.path.strip_prefix(shown);
        let source = inside.ok().and_then(|inside| text_of_file(&dir.join(inside)));
        // Positions do not count a byte order mark.
        let source = source.map(|text| text.trim_start_matches('\u{feff}').to_owned());
        let place = Place { file: problem.path.clone(), position: problem.position, source };
        (problem.message.clone(), problem.help.clone(), place)
    }))
}

/// What keys the rows of a package, or of one of its databases.
pub(crate) fn key(package: &str, database: Option<&str>) -> String {
    database.map_or_else(|| package.to_owned(), |name| format!("{package}/{name}"))
}

impl Texts for Project {
    fn text_of(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.path_of(file)).ok()
    }
}

/// The text of a regular file. Opening a pipe would wait until somebody writes into it.
fn text_of_file(path: &Path) -> Option<String> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    fs::read_to_string(path).ok()
}
