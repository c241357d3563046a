//! Where a schema comes from, as the user names it.

mod deferred;
mod failing;
mod load;
mod models;
mod read;
mod replay;
mod sort;
mod sql_file;

use std::fs;
use std::path::{Path, PathBuf};

use migrate_schema::{Catalog, Rename};

use crate::database;
use crate::dsn::Dsn;
use crate::invocation::Invocation;
use crate::report::{Failure, Kind};

pub(crate) use self::models::Models;
pub(crate) use self::read::Reader;
pub(crate) use self::replay::Replay;

use self::sql_file::SqlFile;

/// Where a schema comes from.
#[derive(Debug)]
pub(crate) enum Source {
    /// A database, as it is.
    Database(Box<Dsn>),
    /// SQL files, in the order in which they are loaded.
    Sql { shown: String, files: Vec<SqlFile> },
    /// What the package's models and SQL files describe together.
    Models(Models),
    /// The project's revisions.
    Migrations(Replay),
    /// Nothing: what a new database has.
    Empty,
}

/// What can be named, in the words of an error.
const CHOICES: &str = "a source is the URL of a database, a `.sql` file or a folder of them, `migrations`, `models`, \
                       `database` or `empty`";

impl Source {
    /// Reads what was typed, and the files that it names; `origin` is where it was typed.
    pub(crate) fn parse(typed: &str, origin: &str, invocation: &Invocation) -> Result<Self, Failure> {
        match typed {
            "empty" => return Ok(Self::Empty),
            "database" => {
                return match database::look_for_anywhere(invocation)? {
                    Some(dsn) => Ok(Self::Database(Box::new(dsn))),
                    None => database::find(invocation, invocation.located()?).map(Box::new).map(Self::Database),
                };
            }
            "migrations" => return Replay::of(invocation).map(Self::Migrations),
            "models" => return Models::of(invocation.located()?).map(Self::Models),
            url if url.contains("://") => return Dsn::parse(url, origin).map(Box::new).map(Self::Database),
            _ => {}
        }
        let path = Path::new(typed);
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Self::of_folder(path, typed),
            Ok(_) => Ok(Self::Sql { shown: typed.to_owned(), files: vec![SqlFile::read(path)?] }),
            Err(_) => {
                Err(Failure::new(Kind::Usage, format!("`{typed}` is no source: there is no such file or folder"))
                    .help(CHOICES))
            }
        }
    }

    fn of_folder(folder: &Path, typed: &str) -> Result<Self, Failure> {
        let paths = files_below(folder)?;
        if let Some(up) = paths.iter().find(|path| path.ends_with("up.sql")) {
            return Err(Failure::new(
                Kind::Usage,
                format!("`{typed}` is a folder of revisions: it has `{}`", up.display()),
            )
            .help("the revisions of the project are the source `migrations`; with `--dir DIR` those of a folder"));
        }
        if paths.is_empty() {
            return Err(Failure::new(Kind::Usage, format!("`{typed}` has no `.sql` file")).help(CHOICES));
        }
        let files = paths.iter().map(|path| SqlFile::read(path)).collect::<Result<_, _>>()?;
        Ok(Self::Sql { shown: typed.to_owned(), files })
    }

    /// The database that it is.
    pub(crate) fn dsn(&self) -> Option<&Dsn> {
        match self {
            Self::Database(dsn) => Some(dsn),
            _ => None,
        }
    }

    /// Whether it has to be loaded into a database to be read.
    fn is_loaded(&self) -> bool {
        matches!(self, Self::Sql { .. } | Self::Models(_) | Self::Migrations(_))
    }

    /// Whether it describes tables and enums alone, and nothing of whatever else a schema has.
    pub(crate) fn is_of_tables(&self) -> bool {
        matches!(self, Self::Models(models) if models.is_of_tables())
    }

    /// The schema that it describes, as it was read, completed by the one that is compared with it: models alone say
    /// nothing of views, functions and whatever else is no table.
    pub(crate) fn complete(&self, own: Catalog, other: &mut Catalog, renames: &[Rename]) -> Catalog {
        match self {
            Self::Models(models) if models.is_of_tables() => own.complete_tables(other, renames, models.theirs()),
            _ => own,
        }
    }

    /// What of it may make roles.
    fn roles_in(&self) -> String {
        match self {
            Self::Sql { files, .. } => sort::role_makers(files.iter().map(|file| file.sql.as_str())),
            Self::Models(models) => {
                let files = models.files().iter().map(|file| file.sql.as_str());
                sort::role_makers(files.chain(models.libraries.iter().flat_map(Replay::texts)))
            }
            Self::Migrations(replay) => sort::role_makers(replay.texts()),
            Self::Database(_) | Self::Empty => String::new(),
        }
    }
}

/// The SQL files in a folder and in those below it, in the order of their paths.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |error| Failure::io("read", &folder, &error);
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            // A link to a folder may lead back to where it is.
            let is_folder = entry.file_type().map_err(failed)?.is_dir();
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            } else if is_folder {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "sql") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    Ok(paths)
}
