//! What a struct says of its table as a whole, and of its partitions.

use syn::ItemStruct;

use crate::models::attribute::{self, Entry};
use crate::models::module_tree::Module;
use crate::models::source::Written;
use crate::models::sql_name::Name;
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

/// What is said of the table as a whole.
#[derive(Debug, Default)]
pub(super) struct About {
    pub(super) name: Option<Written>,
    pub(super) schema: Option<Written>,
    pub(super) doc_comments: Option<bool>,
    pub(super) mixin: Option<bool>,
    unlogged: Option<bool>,
    row_level_security: Option<bool>,
    force_row_level_security: Option<bool>,
    pub(super) inherits: Option<Vec<Written>>,
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

/// Reads it.
pub(super) fn read(item: &ItemStruct, module: &Module) -> Result<About, Failure> {
    let mut about = About::default();
    for entry in attribute::read(&item.attrs, "table", &module.file)? {
        about.read_key(&entry)?;
    }
    Ok(about)
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

    fn read_key(&mut self, entry: &Entry) -> Result<(), Failure> {
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
