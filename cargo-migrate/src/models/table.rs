//! Tables: a struct, with what its attributes say.

use syn::spanned::Spanned;
use syn::{Field, Fields, Item, ItemStruct, TypePath};

use crate::models::attribute::{self, Entry, Value, checked_name};
use crate::models::cfg::{Presence, conditional, presence};
use crate::models::column::{self, Around, Column, ReadColumn};
use crate::models::constraint::{
    self, Check, Constraint, Exclusion, ForeignKey, Key, PRIMARY_KEY_KEYS, Target, UNIQUE_KEYS,
};
use crate::models::derive::Derive;
use crate::models::enumeration::conditioned;
use crate::models::imports::name_of;
use crate::models::index::{self, Index};
use crate::models::module_tree::Module;
use crate::models::package::{Package, documentation};
use crate::models::source::{Problems, Written};
use crate::models::sql_name::{Name, whole_name};
use crate::models::sqlx_attribute::{self, snake_case};
use crate::report::Failure;

/// Keys of `#[table(…)]`.
pub(super) const KEYS: &[&str] = &[
    "name",
    "schema",
    "comment",
    "doc_comments",
    "renamed_from",
    "primary_key",
    "unique",
    "check",
    "foreign_key",
    "exclude",
    "index",
    "unlogged",
    "inherits",
    "options",
    "partition_by",
    "partition",
    "row_level_security",
    "force_row_level_security",
    "replica_identity",
    "mixin",
];

/// Keys of `partition(…)`.
pub(super) const PARTITION_KEYS: &[&str] = &["name", "schema", "of", "values", "partition_by", "options", "unlogged"];

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: Written<Name>,
    pub(super) columns: Vec<Column>,
    pub(super) primary_key: Option<Constraint<Key>>,
    pub(super) uniques: Vec<Constraint<Key>>,
    pub(super) checks: Vec<Constraint<Check>>,
    pub(super) foreign_keys: Vec<Constraint<ForeignKey>>,
    pub(super) exclusions: Vec<Constraint<Exclusion>>,
    pub(super) indexes: Vec<Index>,
    pub(super) is_mixin: bool,
    pub(super) about: About,
}

/// What is said of the table as a whole.
#[derive(Debug, Default)]
pub(super) struct About {
    name: Option<Written>,
    schema: Option<Written>,
    doc_comments: Option<bool>,
    mixin: Option<bool>,
    unlogged: Option<bool>,
    row_level_security: Option<bool>,
    force_row_level_security: Option<bool>,
    inherits: Option<Vec<Written>>,
    pub(super) comment: Option<Written>,
    pub(super) renamed_from: Option<Written>,
    pub(super) options: Option<Written>,
    pub(super) partition_by: Option<Written>,
    pub(super) replica_identity: Option<Written>,
    pub(super) partitions: Vec<Partition>,
    pub(super) parents: Vec<Name>,
}

/// A partition of the table, or of another partition of it.
#[derive(Debug)]
pub(super) struct Partition {
    pub(super) name: Written<Name>,
    pub(super) of: Option<Written>,
    pub(super) values: Written,
    pub(super) partition_by: Option<Written>,
    pub(super) options: Option<Written>,
    pub(super) is_unlogged: bool,
}

impl About {
    pub(super) fn is_unlogged(&self) -> bool {
        self.unlogged.unwrap_or(false)
    }

    pub(super) fn has_row_security(&self) -> bool {
        self.row_level_security.unwrap_or(false)
    }

    pub(super) fn forces_row_security(&self) -> bool {
        self.force_row_level_security.unwrap_or(false)
    }

    fn read(&mut self, entry: &Entry) -> Result<(), Failure> {
        match entry.key.as_str() {
            "name" => entry.set(&mut self.name, unqualified(entry)?),
            "schema" => entry.set(&mut self.schema, entry.name()?),
            "comment" => entry.set(&mut self.comment, entry.text()?),
            "doc_comments" => entry.set(&mut self.doc_comments, entry.flag()?),
            "renamed_from" => entry.set(&mut self.renamed_from, entry.name()?),
            "unlogged" => entry.set(&mut self.unlogged, entry.flag()?),
            "inherits" => entry.set(&mut self.inherits, entry.names()?),
            "options" => entry.set(&mut self.options, entry.text()?),
            "partition_by" => entry.set(&mut self.partition_by, entry.text()?),
            "partition" => {
                self.partitions.push(partition(entry)?);
                Ok(())
            }
            "row_level_security" => entry.set(&mut self.row_level_security, entry.flag()?),
            "force_row_level_security" => entry.set(&mut self.force_row_level_security, entry.flag()?),
            "replica_identity" => entry.set(&mut self.replica_identity, entry.text()?),
            "mixin" => entry.set(&mut self.mixin, entry.flag()?),
            "primary_key" | "unique" | "check" | "foreign_key" | "exclude" | "index" => Ok(()),
            _ => Err(entry.unknown("`table`", KEYS)),
        }
    }
}

/// Reads a struct that derives the marker. Everything that is wrong with it is told at once.
pub(super) fn read(item: &ItemStruct, module: &Module, package: &Package, problems: &mut Problems) -> Option<Table> {
    problems.take(check(item, module))?;
    let name = problems.take(name(item, module))?;
    let mut about = problems.take(about(item, module))?;
    for partition in &mut about.partitions {
        // Beside their table, unless they say otherwise.
        if partition.name.value.schema.is_empty() {
            partition.name.value.schema.clone_from(&name.value.schema);
        }
    }
    let from_docs = || documentation(&item.attrs).map(|(value, span)| Written { value, spot: module.file.spot(span) });
    let doc_comments = about.doc_comments.unwrap_or(false);
    about.comment = about.comment.take().or_else(|| doc_comments.then(from_docs).flatten());
    for parent in about.inherits.iter().flatten() {
        about.parents.extend(problems.take(whole_name(&parent.value).ok_or_else(|| {
            parent
                .spot
                .failure(format!("`{}` is no name of a table", parent.value))
                .help("write `inherits = \"parent\"`")
        })));
    }
    let mut table = Table {
        is_mixin: about.mixin.unwrap_or(false),
        name,
        columns: Vec::new(),
        primary_key: None,
        uniques: Vec::new(),
        checks: Vec::new(),
        foreign_keys: Vec::new(),
        exclusions: Vec::new(),
        indexes: Vec::new(),
        about,
    };
    table.read_struct(item, module, package, doc_comments, problems, 8);
    Some(table)
}

/// What the table of a struct is called.
pub(super) fn name(item: &ItemStruct, module: &Module) -> Result<Written<Name>, Failure> {
    let About { name, schema, .. } = about(item, module)?;
    let spot = module.file.spot(item.ident.span());
    let value = name.map_or_else(|| snake_case(&name_of(&item.ident)), |name| name.value);
    checked_name(&Written { value: value.clone(), spot: spot.clone() })?;
    Ok(Written { value: Name::new(schema.map(|schema| schema.value), value), spot })
}

fn about(item: &ItemStruct, module: &Module) -> Result<About, Failure> {
    let mut about = About::default();
    for entry in attribute::read(&item.attrs, "table", &module.file)? {
        about.read(&entry)?;
    }
    Ok(about)
}

/// A name without a schema: a dot in it would be a part of the name.
fn unqualified(entry: &Entry) -> Result<Written, Failure> {
    let name = entry.name()?;
    match name.value.split_once('.') {
        Some((schema, table)) => Err(name
            .spot
            .failure(format!("the name `{}` has a dot in it", name.value))
            .help(format!("write `schema = \"{schema}\", name = \"{table}\"`"))),
        None => Ok(name),
    }
}

fn partition(entry: &Entry) -> Result<Partition, Failure> {
    let (mut name, mut schema, mut of, mut values) = (None, None, None, None);
    let (mut partition_by, mut options, mut unlogged) = (None, None, None);
    for inner in entry.entries()? {
        match inner.key.as_str() {
            "name" => inner.set(&mut name, unqualified(inner)?)?,
            "schema" => inner.set(&mut schema, inner.name()?)?,
            "of" => inner.set(&mut of, inner.name()?)?,
            "values" => inner.set(&mut values, inner.text()?)?,
            "partition_by" => inner.set(&mut partition_by, inner.text()?)?,
            "options" => inner.set(&mut options, inner.text()?)?,
            "unlogged" => inner.set(&mut unlogged, inner.flag()?)?,
            _ => return Err(inner.unknown("`partition`", PARTITION_KEYS)),
        }
    }
    let (Some(name), Some(values)) = (name, values) else {
        return Err(entry.spot.failure("`partition` needs `name` and `values`").help(
            "write `partition(name = \"events_2026\", values = \"from ('2026-01-01') to ('2027-01-01')\")`, \
             or `values = \"default\"`",
        ));
    };
    let schema = schema.map_or_else(String::new, |schema| schema.value);
    let name = Written { value: Name { schema, name: name.value }, spot: name.spot };
    Ok(Partition { name, of, values, partition_by, options, is_unlogged: unlogged.unwrap_or(false) })
}

fn check(item: &ItemStruct, module: &Module) -> Result<(), Failure> {
    let ident = &item.ident;
    let spot = module.file.spot(ident.span());
    if item.generics.type_params().next().is_some() || item.generics.const_params().next().is_some() {
        return Err(spot
            .failure(format!("the struct `{ident}` is generic, and a table has columns of one type each"))
            .help("write a struct for each table, or remove `Table` from its derives"));
    }
    if let Fields::Unnamed(_) = item.fields {
        return Err(spot
            .failure(format!("`{ident}` is a tuple struct: its columns have no names"))
            .help("give its fields names, or remove `Table` from its derives"));
    }
    if item.fields.is_empty() {
        return Err(spot
            .failure(format!("the struct `{ident}` has no fields"))
            .help("a table needs a column: add a field, or remove `Table` from its derives"));
    }
    if let Some(span) = conditional(&item.attrs, &["table", "sqlx"]) {
        return Err(conditioned(&module.file.spot(span), &format!("what `{ident}` is in the database")));
    }
    Ok(())
}

impl Table {
    /// A column by its name, or by the name of its field.
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        let by_name = self.columns.iter().find(|column| column.name.value == name);
        by_name.or_else(|| self.columns.iter().find(|column| column.field == name))
    }

    fn read_struct(
        &mut self,
        item: &ItemStruct,
        module: &Module,
        package: &Package,
        doc_comments: bool,
        problems: &mut Problems,
        depth: usize,
    ) {
        let Some(on_type) = problems.take(sqlx_attribute::on_type(&item.attrs, &module.file)) else { return };
        let around = Around { package, module, rename_all: on_type.rename_all, doc_comments };
        for field in &item.fields {
            if let Err(failure) = self.read_field(field, around, problems, depth) {
                problems.add([failure]);
            }
        }
        let Some(entries) = problems.take(attribute::read(&item.attrs, "table", &module.file)) else { return };
        for entry in &entries {
            problems.take(self.read_constraint(entry, module, package));
        }
    }

    fn read_field(
        &mut self,
        field: &Field,
        around: Around<'_>,
        problems: &mut Problems,
        depth: usize,
    ) -> Result<(), Failure> {
        let file = &around.module.file;
        let shown = field.ident.as_ref().map_or_else(String::new, name_of);
        match presence(&field.attrs) {
            Presence::Always => {}
            Presence::Tests => return Ok(()),
            Presence::Unknown(span) => {
                return Err(conditioned(&file.spot(span), &format!("whether `{shown}` is a column")));
            }
        }
        if let Some(span) = conditional(&field.attrs, &["column", "sqlx"]) {
            return Err(conditioned(&file.spot(span), &format!("what the column `{shown}` is")));
        }
        let on_field = sqlx_attribute::on_field(&field.attrs, file)?;
        if column::is_skipped(field, &on_field, around.module)? {
            return Ok(());
        }
        if on_field.is_flattened {
            let ty = on_field.try_from.as_ref().map_or(&field.ty, |stored| &stored.value);
            let path = match ty {
                syn::Type::Path(TypePath { qself: None, path, .. }) => Some(path),
                _ => None,
            };
            let found = path.map(|path| around.package.find(around.module, path)).transpose()?.flatten();
            let Some((module, Item::Struct(item))) = found.filter(|_| depth > 0) else {
                return Err(file
                    .spot(field.ty.span())
                    .failure(format!("the columns of `{shown}` are flattened, and its struct is not in this package"))
                    .help("write its fields here, or leave it out with `#[column(skip)]`"));
            };
            self.read_struct(item, module, around.package, around.doc_comments, problems, depth - 1);
            return Ok(());
        }
        let read = column::read(field, on_field, around, |entry| target(entry, around.module, around.package))?;
        self.add(read)
    }

    fn add(&mut self, read: ReadColumn) -> Result<(), Failure> {
        let ReadColumn { column, primary_key, uniques, checks, foreign_keys, indexes } = read;
        if let Some(earlier) = self.columns.iter().find(|earlier| earlier.name.value == column.name.value) {
            return Err(column
                .name
                .spot
                .failure(format!("two columns of `{}` are called `{}`", self.name.value.name, column.name.value))
                .help(format!(
                    "the other is at {}: give one another name, `#[column(name = \"…\")]`",
                    earlier.name.spot.shown()
                )));
        }
        self.columns.push(column);
        self.uniques.extend(uniques);
        self.checks.extend(checks);
        self.foreign_keys.extend(foreign_keys);
        self.indexes.extend(indexes);
        primary_key.map_or(Ok(()), |key| self.set_primary_key(key))
    }

    fn set_primary_key(&mut self, key: Constraint<Key>) -> Result<(), Failure> {
        let Some(earlier) = &self.primary_key else {
            self.primary_key = Some(key);
            return Ok(());
        };
        let columns: Vec<&str> = [earlier, &key].iter().flat_map(|key| &key.of.columns).map(|c| &*c.value).collect();
        Err(key.spot.failure(format!("`{}` has several primary keys", self.name.value.name)).help(format!(
            "the other is at {}; one of several columns is written on the struct: `#[table(primary_key(columns({})))]`",
            earlier.spot.shown(),
            columns.join(", ")
        )))
    }

    fn read_constraint(&mut self, entry: &Entry, module: &Module, package: &Package) -> Result<(), Failure> {
        match entry.key.as_str() {
            "primary_key" => match constraint::key(entry, None, PRIMARY_KEY_KEYS)? {
                Some(key) => return self.set_primary_key(key),
                None => return Ok(()),
            },
            "unique" => self.uniques.extend(constraint::key(entry, None, UNIQUE_KEYS)?),
            "check" => self.checks.push(constraint::check(entry)?),
            "foreign_key" => {
                self.foreign_keys.push(constraint::foreign_key(entry, |entry| target(entry, module, package))?);
            }
            "exclude" => self.exclusions.push(constraint::exclude(entry)?),
            "index" => self.indexes.extend(index::read(entry, None)?),
            _ => {}
        }
        Ok(())
    }
}

/// What a foreign key references: a text of SQL, or another model, as in `Supplier` and `Supplier::id`.
fn target(entry: &Entry, module: &Module, package: &Package) -> Result<Target, Failure> {
    let Value::Path(path, spot) = &entry.value else { return Target::of_text(&entry.text()?) };
    let mut of_column = path.clone();
    let field = of_column.segments.pop().map(|segment| name_of(&segment.ident));
    of_column.segments.pop_punct();
    let is_model = |found: Option<(&Module, &Item)>| match found {
        Some((module, Item::Struct(item))) if package.derives(Derive::Table, &item.attrs, module) => {
            Some(name(item, module))
        }
        _ => None,
    };
    let (table, columns) = match is_model(package.find(module, path)?) {
        Some(table) => (table, Vec::new()),
        None => match is_model(package.find(module, &of_column)?) {
            Some(table) => (table, field.into_iter().collect()),
            None => {
                return Err(spot
                    .failure("the reference leads to no model of the package")
                    .help("write a struct with `#[derive(Table)]`, or a text: `references = \"suppliers (id)\"`"));
            }
        },
    };
    Ok(Target { spot: spot.clone(), table: table?.value, columns, rest: String::new() })
}
