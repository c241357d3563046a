//! Models as SQL: schemas, enums, tables, indexes, foreign keys, comments; within each by name, whatever the files.
//!
//! A constraint or index without a name of its own gets none here, so that the server gives it the one that it would give
//! it in SQL that a person writes.

mod foreign_key;
mod index;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use migrate_schema::quote::{identifier, literal};

use crate::models::constraint::{Constraint, Timing};
use crate::models::enumeration::Enumeration;
use crate::models::naming::Taken;
use crate::models::script::{Object, Script};
use crate::models::source::{Spot, Written};
use crate::models::sql_name::{DEFAULT_SCHEMA, Name, identifiers};
use crate::models::table::Table;

/// A comment that is written at the end: on what, and its text.
type Remark<'m> = (String, &'m Written);

struct Renderer<'m> {
    script: Script,
    taken: BTreeMap<&'m str, Taken>,
    remarks: Vec<Remark<'m>>,
}

/// The models as SQL.
pub(super) fn script(tables: &[Table], enums: &[Enumeration]) -> Script {
    let tables = in_order(tables);
    let mut renderer = Renderer { script: Script::default(), taken: BTreeMap::new(), remarks: Vec::new() };
    renderer.take_chosen_names(&tables);
    renderer.schemas(&tables, enums);
    let mut enums: Vec<&Enumeration> = enums.iter().collect();
    enums.sort_by_key(|enumeration| &enumeration.name.value);
    enums.iter().for_each(|enumeration| renderer.enumeration(enumeration));
    tables.iter().for_each(|table| renderer.table(table));
    tables.iter().for_each(|table| renderer.indexes(table));
    tables.iter().for_each(|table| renderer.marks(table));
    tables.iter().for_each(|table| renderer.foreign_keys(table));
    for (on, comment) in std::mem::take(&mut renderer.remarks) {
        let text = format!("COMMENT ON {on} IS {}", literal(&comment.value));
        renderer.script.from(&comment.spot).write(&text).end();
    }
    renderer.script
}

/// By name, but what a table inherits from before it.
fn in_order(tables: &[Table]) -> Vec<&Table> {
    let by_name: BTreeMap<&Name, &Table> = tables.iter().map(|table| (&table.name.value, table)).collect();
    let mut ordered = Vec::new();
    let mut seen = BTreeSet::new();
    fn visit<'m>(
        table: &'m Table,
        by_name: &BTreeMap<&'m Name, &'m Table>,
        seen: &mut BTreeSet<&'m Name>,
        ordered: &mut Vec<&'m Table>,
    ) {
        if seen.insert(&table.name.value) {
            let parents = table.about.parents.iter().filter_map(|parent| by_name.get(parent));
            parents.for_each(|parent| visit(parent, by_name, seen, ordered));
            ordered.push(table);
        }
    }
    by_name.values().for_each(|table| visit(table, &by_name, &mut seen, &mut ordered));
    ordered
}

impl<'m> Renderer<'m> {
    fn take_chosen_names(&mut self, tables: &[&'m Table]) {
        for table in tables {
            let taken = self.taken.entry(&table.name.value.schema).or_default();
            taken.take(&table.name.value.name);
            let keys = table.primary_key.iter().chain(&table.uniques).filter_map(|key| key.name.as_ref());
            let checks = table.checks.iter().filter_map(|check| check.name.as_ref());
            let foreign_keys = table.foreign_keys.iter().filter_map(|key| key.name.as_ref());
            let exclusions = table.exclusions.iter().filter_map(|exclusion| exclusion.name.as_ref());
            let indexes = table.indexes.iter().filter_map(|index| index.name.as_ref());
            let names = keys.chain(checks).chain(foreign_keys).chain(exclusions).chain(indexes);
            names.for_each(|name| taken.take(&name.value));
            for partition in &table.about.partitions {
                let partition = &partition.name.value;
                self.taken.entry(&partition.schema).or_default().take(&partition.name);
            }
        }
    }

    fn schemas(&mut self, tables: &[&'m Table], enums: &'m [Enumeration]) {
        let partitions = tables.iter().flat_map(|table| &table.about.partitions).map(|partition| &partition.name);
        let names = tables.iter().map(|table| &table.name).chain(enums.iter().map(|it| &it.name)).chain(partitions);
        let mut schemas: BTreeMap<&str, &Spot> = BTreeMap::new();
        for name in names.filter(|name| name.value.schema != DEFAULT_SCHEMA) {
            schemas.entry(&name.value.schema).or_insert(&name.spot);
        }
        for (schema, spot) in schemas {
            self.script.from(spot).write(&format!("CREATE SCHEMA IF NOT EXISTS {}", identifier(schema))).end();
        }
    }

    fn enumeration(&mut self, enumeration: &'m Enumeration) {
        let name = &enumeration.name;
        let labels: Vec<String> = enumeration.labels.iter().map(|label| literal(&label.name.value)).collect();
        let text = format!("CREATE TYPE {} AS ENUM ({})", name.value, labels.join(", "));
        self.script.from(&name.spot).write(&text).end();
        self.script.has(Object::Type(name.value.clone()), &name.spot);
        self.remark(format!("TYPE {}", name.value), enumeration.comment.as_ref());
    }

    /// `CONSTRAINT name`, where it has a name or needs one for its comment.
    fn name_clause<T>(
        &mut self,
        table: &'m Table,
        constraint: &'m Constraint<T>,
        columns: &[&str],
        label: &str,
    ) -> String {
        let Name { schema, name: of_table } = &table.name.value;
        let name = match &constraint.name {
            Some(name) => name.value.clone(),
            None => self.taken.entry(schema).or_default().choose(of_table, columns, label),
        };
        self.script.has(Object::Constraint(table.name.value.clone(), name.clone()), &constraint.spot);
        self.remark(format!("CONSTRAINT {} ON {}", identifier(&name), table.name.value), constraint.comment.as_ref());
        let is_named = constraint.name.is_some() || constraint.comment.is_some();
        if is_named { format!("CONSTRAINT {} ", identifier(&name)) } else { String::new() }
    }

    fn clause(&mut self, before: &str, written: Option<&Written>, after: &str) {
        if let Some(written) = written {
            // A comment in it ends with its line.
            let line_end = if written.value.contains("--") { "\n" } else { "" };
            self.script.write(before).from(&written.spot).write(&written.value).write(line_end).write(after);
        }
    }

    fn remark(&mut self, on: String, comment: Option<&'m Written>) {
        self.remarks.extend(comment.map(|comment| (on, comment)));
    }
}

fn include(columns: &[Written]) -> String {
    if columns.is_empty() {
        return String::new();
    }
    format!(" INCLUDE ({})", identifiers(columns.iter().map(|column| column.value.as_str())))
}

fn timing(timing: &Timing) -> String {
    let is_deferred = timing.initially_deferred == Some(true);
    let deferrable = if timing.deferrable == Some(true) || is_deferred { " DEFERRABLE" } else { "" };
    let deferred = if is_deferred { " INITIALLY DEFERRED" } else { "" };
    format!("{deferrable}{deferred}")
}
