//! Models: structs and enums of the package that describe its schema, read from source and turned into SQL.
//!
//! ```text
//! files, module_tree   which source files there are, as modules          cfg        what depends on conditions
//! imports, package     what a path means                                 derive     which items are models
//! attribute            the grammar of attributes                         source     files, places, problems
//! table, about, column, constraint, index, enumeration, sqlx_attribute   what attributes say
//! types                the Postgres types of Rust types                  agreement  what models say of one another
//! render, script       the SQL, and where each part comes from           naming     names that the server will give
//! ```

mod about;
mod agreement;
mod attribute;
mod cfg;
mod column;
mod constraint;
mod derive;
mod enumeration;
mod files;
mod imports;
mod index;
mod lost;
mod module_tree;
mod naming;
mod package;
mod render;
mod script;
mod source;
mod sql_name;
mod sqlx_attribute;
mod table;
#[cfg(test)]
mod tests;
mod types;

use std::env;
use std::path::Path;

use syn::Item;

use crate::models::cfg::{Presence, presence};
use crate::models::derive::Derive;
use crate::models::enumeration::{Enumeration, conditioned};
use crate::models::module_tree::Module;
use crate::models::package::Package;
use crate::models::source::Problems;
use crate::models::table::Table;
use crate::project::Project;
use crate::report::{Failure, Kind, Place};

pub(crate) use crate::models::script::{Object, Script};
pub(crate) use crate::models::sql_name::Name;

/// What the models of a package describe.
#[derive(Debug)]
pub(crate) struct Models {
    script: Script,
    renames: Vec<Rename>,
}

/// Something that had another name before: in the same table, type or schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rename {
    Table { table: Name, from: String },
    Column { table: Name, column: String, from: String },
    Type { name: Name, from: String },
    Label { of: Name, label: String, from: String },
}

/// Reads the models of the project's package; it may have none.
///
/// # Errors
///
/// All that is wrong with them, each with its place.
pub(crate) fn read(project: &Project) -> Result<Models, Failure> {
    let Some(cargo) = &project.cargo else {
        return Err(Failure::new(Kind::Usage, "models are read from a cargo package, and `--dir` names only a folder")
            .help("run the command in the package, without `--dir`"));
    };
    let here = env::current_dir().unwrap_or_default();
    read_package(&cargo.package, project.desired.models.as_deref(), &here)
}

fn read_package(
    package: &cargo_metadata::Package,
    configured: Option<&[String]>,
    here: &Path,
) -> Result<Models, Failure> {
    let mut problems = Problems::default();
    let crate_names = marker_crates(package);
    let modules = files::read(package, configured, &crate_names, here, &mut problems);
    let library = package.targets.iter().find(|target| target.is_lib()).map(|target| target.name.replace('-', "_"));
    of_package(&Package::new(modules, crate_names, library), problems)
}

fn of_package(package: &Package, mut problems: Problems) -> Result<Models, Failure> {
    let (mut tables, enums) = collect(package, &mut problems);
    agreement::check(&mut tables, &enums, &mut problems);
    problems.finish()?;
    Ok(Models { script: render::script(&tables, &enums), renames: renames(&tables, &enums) })
}

impl Models {
    /// The schema as SQL, in an order in which it can be run; empty where there are no models.
    pub(crate) fn sql(&self) -> &str {
        self.script.text()
    }

    /// What the constraints and indexes will be called, each with its table or its schema.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |object: &Object| match object {
            Object::Constraint(table, name) => Some(format!("constraint {} {name}", table.name)),
            Object::Index(name) => Some(format!("index {} {}", name.schema, name.name)),
            Object::Type(_) | Object::Table(_) | Object::Column(..) => None,
        };
        self.script.objects.keys().filter_map(name).collect()
    }

    /// What was renamed.
    pub(crate) fn renames(&self) -> &[Rename] {
        &self.renames
    }

    /// Where an object is described.
    pub(crate) fn place_of(&self, object: &Object) -> Option<Place> {
        self.script.objects.get(object).map(source::Spot::place)
    }

    /// The schema as SQL, with the places that it comes from.
    pub(crate) fn script(&self) -> &Script {
        &self.script
    }
}

/// What the code calls the crates that have the markers.
fn marker_crates(package: &cargo_metadata::Package) -> Vec<String> {
    let renamed = package.dependencies.iter().filter(|dependency| dependency.name == "migrate-runtime");
    let renamed = renamed.filter_map(|dependency| dependency.rename.as_ref()).map(|name| name.replace('-', "_"));
    ["migrate_runtime", "migrate_derive"].map(str::to_owned).into_iter().chain(renamed).collect()
}

fn collect(package: &Package, problems: &mut Problems) -> (Vec<Table>, Vec<Enumeration>) {
    let (mut tables, mut enums) = (Vec::new(), Vec::new());
    for module in package.modules.iter().filter(|module| module.is_searched) {
        for item in &module.items {
            match item {
                Item::Struct(item) if package.derives(Derive::Table, &item.attrs, module) => {
                    if is_certain(&item.attrs, &item.ident, module, problems) {
                        tables.extend(table::read(item, module, package, problems));
                    }
                }
                Item::Enum(item) if package.derives(Derive::Enum, &item.attrs, module) => {
                    if is_certain(&item.attrs, &item.ident, module, problems) {
                        enums.extend(enumeration::read(item, module, problems));
                    }
                }
                item => lost::check(item, module, package, problems),
            }
        }
    }
    tables.retain(|table| !table.is_mixin);
    (tables, enums)
}

/// Whether the item is a part of the program, whatever way it is compiled.
fn is_certain(attributes: &[syn::Attribute], ident: &syn::Ident, module: &Module, problems: &mut Problems) -> bool {
    let condition = match presence(attributes) {
        Presence::Tests => return false,
        Presence::Unknown(span) => Some(module.file.spot(span)),
        Presence::Always => module.condition.clone(),
    };
    if let Some(spot) = &condition {
        let failure = conditioned(spot, &format!("whether `{ident}` is a model"));
        problems.add([if spot.is_in(&module.file) {
            failure
        } else {
            failure.help(
                "remove the condition, or name the file of the module as one that counts: `models = [\"src/models.rs\"]` \
                 under `[package.metadata.migrate]`",
            )
        }]);
    }
    condition.is_none()
}

fn renames(tables: &[Table], enums: &[Enumeration]) -> Vec<Rename> {
    let mut renames = Vec::new();
    for table in tables {
        let name = &table.name.value;
        let from = table.about.renamed_from.iter().map(|from| from.value.clone());
        renames.extend(from.map(|from| Rename::Table { table: name.clone(), from }));
        for column in &table.columns {
            let from = column.renamed_from.iter().map(|from| from.value.clone());
            let column = column.name.value.clone();
            renames.extend(from.map(|from| Rename::Column { table: name.clone(), column: column.clone(), from }));
        }
    }
    for enumeration in enums {
        let name = &enumeration.name.value;
        let from = enumeration.renamed_from.iter().map(|from| from.value.clone());
        renames.extend(from.map(|from| Rename::Type { name: name.clone(), from }));
        for label in &enumeration.labels {
            let from = label.renamed_from.iter().map(|from| from.value.clone());
            let label = label.name.value.clone();
            renames.extend(from.map(|from| Rename::Label { of: name.clone(), label: label.clone(), from }));
        }
    }
    renames
}
