//! Columns: a field of a struct, with what its attributes say.

use syn::{Field, Type, TypePath};

use crate::models::attribute::{self, Entry, Value, checked_name};
use crate::models::constraint::{
    self, Actions, Check, Constraint, ForeignKey, Key, PRIMARY_KEY_KEYS, Target, Timing, UNIQUE_KEYS,
};
use crate::models::imports::name_of;
use crate::models::index::{self, Index};
use crate::models::module_tree::Module;
use crate::models::package::{ColumnType, Package, documentation};
use crate::models::source::{Spot, Written};
use crate::models::sqlx_attribute::{OnField, RenameAll, same_as_sqlx};
use crate::report::Failure;

/// Keys of `#[column(…)]`.
pub(super) const KEYS: &[&str] = &[
    "name",
    "type",
    "nullable",
    "default",
    "identity",
    "generated",
    "primary_key",
    "unique",
    "check",
    "index",
    "references",
    "on_delete",
    "on_update",
    "match",
    "deferrable",
    "initially_deferred",
    "collate",
    "storage",
    "compression",
    "statistics",
    "comment",
    "renamed_from",
    "skip",
];

/// Keys of `identity(…)`.
pub(super) const IDENTITY_KEYS: &[&str] = &["always", "by_default", "options"];

/// Keys of `generated(…)`.
pub(super) const GENERATED_KEYS: &[&str] = &["expression", "virtual"];

const STORAGES: &[&str] = &["plain", "external", "extended", "main", "default"];

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: Written,
    /// The field, by which constraints may name it too.
    pub(super) field: String,
    pub(super) sql_type: Written,
    pub(super) is_nullable: bool,
    pub(super) collate: Option<Written>,
    pub(super) value: Option<Filled>,
    pub(super) storage: Option<&'static str>,
    pub(super) compression: Option<Written>,
    pub(super) statistics: Option<Written>,
    pub(super) comment: Option<Written>,
    pub(super) renamed_from: Option<Written>,
}

/// Where the value comes from, when a row has none.
#[derive(Clone, Debug)]
pub(super) enum Filled {
    Default(Written),
    Generated { expression: Written, is_virtual: bool },
    Identity { spot: Spot, is_always: bool, options: Option<Written> },
}

/// A column, and the constraints and indexes that are written on it.
#[derive(Debug)]
pub(super) struct ReadColumn {
    pub(super) column: Column,
    pub(super) primary_key: Option<Constraint<Key>>,
    pub(super) uniques: Vec<Constraint<Key>>,
    pub(super) checks: Vec<Constraint<Check>>,
    pub(super) foreign_keys: Vec<Constraint<ForeignKey>>,
    pub(super) indexes: Vec<Index>,
}

#[derive(Default)]
struct Keys {
    name: Option<Written>,
    sql_type: Option<Written>,
    nullable: Option<bool>,
    filled: Option<(&'static str, Filled)>,
    actions: Actions,
    timing: Timing,
    references: Option<(Spot, Target)>,
    collate: Option<Written>,
    storage: Option<&'static str>,
    compression: Option<Written>,
    statistics: Option<Written>,
    comment: Option<Written>,
    renamed_from: Option<Written>,
}

/// What of a field is said around it.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) package: &'a Package,
    pub(super) module: &'a Module,
    pub(super) rename_all: Option<RenameAll>,
    /// Whether sqlx reads the struct from rows.
    pub(super) is_sqlx_row: bool,
    pub(super) doc_comments: bool,
}

/// Whether the field is no column.
pub(super) fn is_skipped(field: &Field, on_field: &OnField, module: &Module) -> Result<bool, Failure> {
    let entries = attribute::read(&field.attrs, "column", &module.file)?;
    let skip = entries.iter().find(|entry| entry.key == "skip").map(Entry::flag).transpose()?;
    Ok(skip.unwrap_or(on_field.is_skipped))
}

/// Reads a field that is a column; `target` reads what a foreign key references.
pub(super) fn read(
    field: &Field,
    on_field: OnField,
    around: Around<'_>,
    target: impl Fn(&Entry) -> Result<Target, Failure>,
) -> Result<ReadColumn, Failure> {
    let file = &around.module.file;
    let Some(ident) = &field.ident else {
        return Err(file
            .spot(syn::spanned::Spanned::span(field))
            .failure("a field without a name")
            .help("give it one"));
    };
    let spot = file.spot(ident.span());
    let entries = attribute::read(&field.attrs, "column", file)?;
    let mut keys = Keys::default();
    for entry in &entries {
        keys.read(entry, &target)?;
    }
    let ident = name_of(ident);
    let of_sqlx = match &on_field.rename {
        Some(name) => name.value.clone(),
        None => around.rename_all.map_or_else(|| ident.clone(), |rule| rule.apply(&ident)),
    };
    let value = match keys.name {
        Some(name) if around.is_sqlx_row => same_as_sqlx(&name, &of_sqlx, "column", "rename")?,
        Some(name) => name.value,
        None => of_sqlx,
    };
    let name = Written { value, spot: spot.clone() };
    checked_name(&name)?;
    let mut read = ReadColumn {
        column: column_of(field, &on_field, &keys.sql_type, keys.nullable, around, &name)?,
        primary_key: None,
        uniques: Vec::new(),
        checks: Vec::new(),
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
    };
    let from_docs = || documentation(&field.attrs).map(|(value, span)| Written { value, spot: file.spot(span) });
    read.column.comment = keys.comment.or_else(|| around.doc_comments.then(from_docs).flatten());
    read.column.field = ident;
    read.column.value = keys.filled.map(|(_, filled)| filled);
    read.column.collate = keys.collate;
    read.column.storage = keys.storage;
    read.column.compression = keys.compression;
    read.column.statistics = keys.statistics;
    read.column.renamed_from = keys.renamed_from;
    match keys.references {
        Some((spot, target)) => read.foreign_keys.push(Constraint {
            spot,
            name: None,
            comment: None,
            timing: keys.timing,
            of: keys.actions.of(vec![name.clone()], target),
        }),
        None if !keys.actions.is_empty() || keys.timing.deferrable.or(keys.timing.initially_deferred).is_some() => {
            return Err(spot
                .failure("what happens to a reference is said, and no reference")
                .help("add `references = \"suppliers (id)\"`"));
        }
        None => {}
    }
    for entry in &entries {
        read.read_constraint(entry, &name)?;
    }
    Ok(read)
}

impl Keys {
    fn read(&mut self, entry: &Entry, target: impl Fn(&Entry) -> Result<Target, Failure>) -> Result<(), Failure> {
        match entry.key.as_str() {
            "name" => entry.set(&mut self.name, entry.name()?),
            "type" => entry.set(&mut self.sql_type, entry.text()?),
            "nullable" => entry.set(&mut self.nullable, entry.flag()?),
            "default" => self.fill(entry, "default", Filled::Default(entry.sql()?)),
            "identity" => match identity(entry)? {
                Some(identity) => self.fill(entry, "identity", identity),
                None => Ok(()),
            },
            "generated" => self.fill(entry, "generated", generated(entry)?),
            "references" => entry.set(&mut self.references, (entry.spot.clone(), target(entry)?)),
            "deferrable" => entry.set(&mut self.timing.deferrable, entry.flag()?),
            "initially_deferred" => entry.set(&mut self.timing.initially_deferred, entry.flag()?),
            "collate" => entry.set(&mut self.collate, entry.name()?),
            "storage" => entry.set(&mut self.storage, entry.one_of(STORAGES)?),
            "compression" => entry.set(&mut self.compression, entry.name()?),
            "statistics" => entry.set(&mut self.statistics, entry.number()?),
            "comment" => entry.set(&mut self.comment, entry.text()?),
            "renamed_from" => entry.set(&mut self.renamed_from, entry.name()?),
            "primary_key" | "unique" | "check" | "index" | "skip" => Ok(()),
            _ if self.actions.read(entry)? => Ok(()),
            _ => Err(entry.unknown("`column`", KEYS)),
        }
    }

    fn fill(&mut self, entry: &Entry, key: &'static str, filled: Filled) -> Result<(), Failure> {
        match self.filled.replace((key, filled)) {
            None => Ok(()),
            Some((earlier, _)) if earlier == key => {
                Err(entry.spot.failure(format!("`{key}` is said twice")).help("remove one of the two"))
            }
            Some((earlier, _)) => Err(entry
                .spot
                .failure(format!("a column with `{earlier}` cannot have `{key}`"))
                .help("its value comes from one of them: remove the other")),
        }
    }
}

impl ReadColumn {
    fn read_constraint(&mut self, entry: &Entry, column: &Written) -> Result<(), Failure> {
        match entry.key.as_str() {
            "primary_key" => {
                if let Some(key) = constraint::key(entry, Some(column), PRIMARY_KEY_KEYS)? {
                    entry.set(&mut self.primary_key, key)?;
                }
            }
            "unique" => self.uniques.extend(constraint::key(entry, Some(column), UNIQUE_KEYS)?),
            "check" => self.checks.push(constraint::check(entry)?),
            "index" => self.indexes.extend(index::read(entry, Some(column))?),
            _ => {}
        }
        Ok(())
    }
}

fn column_of(
    field: &Field,
    on_field: &OnField,
    sql_type: &Option<Written>,
    nullable: Option<bool>,
    around: Around<'_>,
    name: &Written,
) -> Result<Column, Failure> {
    let is_option = is_option(&field.ty);
    let spot = name.spot.clone();
    let (sql_type, may_be_null) = match (sql_type, &on_field.try_from) {
        (Some(sql_type), _) => (sql_type.clone(), is_option),
        _ if on_field.is_json => (Written { value: "jsonb".to_owned(), spot }, is_option || on_field.is_nullable_json),
        (None, Some(stored)) => {
            let stored = around.package.stored_type(around.module, stored)?;
            (Written { value: stored.sql, spot }, stored.may_be_null)
        }
        (None, None) => {
            let ColumnType { sql, may_be_null } = around.package.column_type(around.module, &field.ty)?;
            (Written { value: sql, spot }, may_be_null)
        }
    };
    Ok(Column {
        name: name.clone(),
        field: String::new(),
        sql_type,
        is_nullable: nullable.unwrap_or(may_be_null),
        collate: None,
        value: None,
        storage: None,
        compression: None,
        statistics: None,
        comment: None,
        renamed_from: None,
    })
}

fn identity(entry: &Entry) -> Result<Option<Filled>, Failure> {
    let spot = entry.spot.clone();
    match &entry.value {
        Value::Text(_) => {
            let is_always = entry.one_of(&["always", "by default"])? == "always";
            Ok(Some(Filled::Identity { spot, is_always, options: None }))
        }
        Value::List(_) => {
            let (mut always, mut by_default, mut options) = (None, None, None);
            for inner in entry.entries()? {
                match inner.key.as_str() {
                    "always" => inner.set(&mut always, inner.flag()?)?,
                    "by_default" => inner.set(&mut by_default, inner.flag()?)?,
                    "options" => inner.set(&mut options, inner.text()?)?,
                    _ => return Err(inner.unknown("`identity`", IDENTITY_KEYS)),
                }
            }
            if always == Some(true) && by_default == Some(true) {
                return Err(spot
                    .failure("an identity is made `always` or `by_default`, not both")
                    .help("remove one of the two"));
            }
            Ok(Some(Filled::Identity { spot, is_always: by_default != Some(true), options }))
        }
        _ => Ok(entry.flag()?.then_some(Filled::Identity { spot, is_always: true, options: None })),
    }
}

fn generated(entry: &Entry) -> Result<Filled, Failure> {
    let Value::List(_) = &entry.value else {
        return Ok(Filled::Generated { expression: entry.text()?, is_virtual: false });
    };
    let (mut expression, mut is_virtual) = (None, None);
    for inner in entry.entries()? {
        match inner.key.as_str() {
            "expression" => inner.set(&mut expression, inner.text()?)?,
            "virtual" => inner.set(&mut is_virtual, inner.flag()?)?,
            _ => return Err(inner.unknown("`generated`", GENERATED_KEYS)),
        }
    }
    let expression = expression.ok_or_else(|| {
        entry.spot.failure("`generated` without `expression`").help("write `generated(expression = \"a * b\")`")
    })?;
    Ok(Filled::Generated { expression, is_virtual: is_virtual.unwrap_or(false) })
}

/// Whether a type is an `Option`, whatever is in it.
fn is_option(ty: &Type) -> bool {
    match ty {
        Type::Path(TypePath { qself: None, path, .. }) => {
            path.segments.last().is_some_and(|segment| segment.ident == "Option")
        }
        Type::Paren(inner) => is_option(&inner.elem),
        Type::Group(inner) => is_option(&inner.elem),
        _ => false,
    }
}
