//! What the package says its schema shall be: models, and SQL files beside them or in their place.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use migrate_schema::{self as catalog, Catalog, Id};

use super::sql_file::SqlFile;
use super::{Replay, files_below};
use crate::models;
use crate::paths::shown;
use crate::project::Project;
use crate::report::{Failure, Kind, Place};

/// The models of a package and its SQL files: one schema.
#[derive(Debug)]
pub(crate) struct Models {
    files: Vec<SqlFile>,
    models: Option<models::Models>,
    is_of_tables: bool,
    /// What the schema stands on: the revisions of the crates that the package includes.
    pub(super) libraries: Option<Replay>,
    /// What those made, known when they were replayed.
    theirs: OnceLock<BTreeSet<Id>>,
}

impl Models {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// What is wrong with them, each with its place; and where the package has neither.
    pub(super) fn of(project: &Project) -> Result<Self, Failure> {
        let paths = project.desired.schema.as_deref().unwrap_or_default();
        let is_alone = project.cargo.is_none() && !paths.is_empty();
        let models = if is_alone { None } else { Some(models::read(project)?) };
        let mut files = Vec::new();
        for path in paths {
            files.extend(sql_files(path, project)?);
        }
        let is_of_tables = files.is_empty();
        if let Some(models) = models.as_ref().filter(|models| !models.sql().is_empty()) {
            files.push(SqlFile::of_models(models)?);
        } else if files.is_empty() {
            return Err(Failure::new(
                Kind::Project,
                "the package says nowhere what its schema shall be: it has no model, and names no SQL file",
            )
            .help(
                "write `#[derive(migrate_runtime::Table)]` on a struct, or `schema = \"schema.sql\"` under \
                 `[package.metadata.migrate]` in Cargo.toml; `cargo migrate dump > schema.sql` begins one",
            ));
        }
        let libraries = Replay::of_libraries(project)?;
        Ok(Self { files, models, is_of_tables, libraries, theirs: OnceLock::new() })
    }

    /// What is loaded: the files first, as they have the types and functions that tables use.
    pub(super) fn files(&self) -> &[SqlFile] {
        &self.files
    }

    /// What the models say had another name.
    pub(crate) fn renames(&self) -> &[models::Rename] {
        self.models.as_ref().map_or(&[], models::Models::renames)
    }

    /// Where the models describe an object.
    pub(crate) fn place_of(&self, id: &Id) -> Option<Place> {
        let name = || models::Name { schema: id.name.schema.to_string(), name: id.name.name.to_string() };
        let object = match id.kind {
            catalog::Kind::Relation => models::Object::Table(name()),
            catalog::Kind::Type => models::Object::Type(name()),
            catalog::Kind::Column => models::Object::Column(name(), id.part.to_string()),
            catalog::Kind::Constraint => models::Object::Constraint(name(), id.part.to_string()),
            catalog::Kind::Index => models::Object::Index(name()),
            _ => return None,
        };
        self.models.as_ref()?.place_of(&object)
    }

    /// The revisions that are replayed first.
    pub(crate) fn libraries(&mut self) -> Option<&mut Replay> {
        self.libraries.as_mut()
    }

    /// Notes what the crates have made, before anything of ours is.
    pub(super) fn note_theirs(&self, catalog: &Catalog) {
        let is_whole = |id: &&Id| matches!(id.kind, catalog::Kind::Relation | catalog::Kind::Type);
        // Where it was noted before, it was the same.
        let _ = self.theirs.set(catalog.objects.keys().filter(is_whole).cloned().collect());
    }

    /// The tables and types of the crates that the package includes.
    pub(crate) fn theirs(&self) -> &BTreeSet<Id> {
        static NONE: BTreeSet<Id> = BTreeSet::new();
        self.theirs.get().unwrap_or(&NONE)
    }

    pub(super) fn is_of_tables(&self) -> bool {
        self.is_of_tables
    }
}

/// The SQL files that a path of the configuration names.
fn sql_files(path: &str, project: &Project) -> Result<Vec<SqlFile>, Failure> {
    let here = std::env::current_dir().unwrap_or_default();
    let path = shown(&project.root.join(path), &here);
    let is_folder = std::fs::metadata(&path)
        .map_err(|error| {
            Failure::io("read", &path, &error).help(
                "`schema` under `[package.metadata.migrate]` in Cargo.toml names it; `cargo migrate dump` writes one",
            )
        })?
        .is_dir();
    let paths = if is_folder { files_below(&path)? } else { vec![path.clone()] };
    if paths.is_empty() {
        return Err(Failure::new(Kind::Project, format!("`{}` has no `.sql` file", path.display()))
            .help("`schema` under `[package.metadata.migrate]` in Cargo.toml names it"));
    }
    paths.iter().map(|path| SqlFile::read(path)).collect()
}
