//! Tables: a struct, with what its attributes say.

use syn::spanned::Spanned;
use syn::{Field, Fields, Item, ItemStruct, TypePath};

use crate::models::about::{self, About};
use crate::models::attribute::{self, Entry, Value, checked_name};
use crate::models::cfg::{Presence, conditional, presence};
use crate::models::column::{self, Around, Column, ReadColumn};
use crate::models::constraint::{
    self, Check, Constraint, Exclusion, ForeignKey, Key, PRIMARY_KEY_KEYS, Target, UNIQUE_KEYS,
};
use crate::models::derive::{Derive, is_sqlx_row};
use crate::models::enumeration::conditioned;
use crate::models::imports::name_of;
use crate::models::index::{self, Index};
use crate::models::module_tree::Module;
use crate::models::package::{Package, documentation};
use crate::models::source::{Problems, Written};
use crate::models::sql_name::{Name, whole_name};
use crate::models::sqlx_attribute::{self, snake_case};
use crate::report::Failure;

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

/// Reads a struct that derives the marker. Everything that is wrong with it is told at once.
pub(super) fn read(item: &ItemStruct, module: &Module, package: &Package, problems: &mut Problems) -> Option<Table> {
    problems.take(check(item, module))?;
    let name = problems.take(name(item, module))?;
    let mut about = problems.take(about::read(item, module))?;
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
    let About { name, schema, .. } = about::read(item, module)?;
    let spot = module.file.spot(item.ident.span());
    let value = name.map_or_else(|| snake_case(&name_of(&item.ident)), |name| name.value);
    checked_name(&Written { value: value.clone(), spot: spot.clone() })?;
    Ok(Written { value: Name::new(schema.map(|schema| schema.value), value), spot })
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
        let is_sqlx_row = is_sqlx_row(&item.attrs, &module.imports, &module.path);
        let around = Around { package, module, rename_all: on_type.rename_all, is_sqlx_row, doc_comments };
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
