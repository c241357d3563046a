//! Whether the models agree: no name is given twice, and what is named among them is there.

use std::collections::BTreeMap;

use migrate_runtime::graph::nearest;

use crate::models::constraint::Target;
use crate::models::enumeration::Enumeration;
use crate::models::source::{Problems, Spot, Written};
use crate::models::sql_name::{Name, whole_name};
use crate::models::table::Table;
use crate::report::Failure;

/// Checks the models, and puts the names of columns in the place of those of fields.
pub(super) fn check(tables: &mut [Table], enums: &[Enumeration], problems: &mut Problems) {
    let mut names: BTreeMap<&Name, (&str, &Spot)> = BTreeMap::new();
    let of_partitions = tables.iter().flat_map(|table| &table.about.partitions).map(|it| ("table", &it.name));
    let of_tables = tables.iter().map(|table| ("table", &table.name)).chain(of_partitions);
    for (kind, name) in enums.iter().map(|it| ("type", &it.name)).chain(of_tables) {
        if let Some((other, spot)) = names.insert(&name.value, (kind, &name.spot)) {
            let twice = if other == kind {
                format!("there are two models of the {kind} `{}`", name.value.name)
            } else {
                format!("a {other} and a {kind} are called `{}`: a table has a type of its own name", name.value.name)
            };
            let help = format!("the other is at {}: give one another `name`", spot.shown());
            problems.add([name.spot.failure(twice).help(help)]);
        }
    }
    for table in &mut *tables {
        resolve_own(table, problems);
    }
    let known: BTreeMap<Name, Known> =
        tables.iter().map(|table| (table.name.value.clone(), Known::of(table))).collect();
    for table in tables {
        for key in &mut table.foreign_keys {
            let n_columns = key.of.columns.len();
            problems.take(resolve_target(&mut key.of.target, n_columns, &known));
        }
    }
}

/// What a reference asks of a table.
struct Known {
    /// The names of the columns and of their fields.
    columns: Vec<(String, String)>,
    n_primary_key: Option<usize>,
}

impl Known {
    fn of(table: &Table) -> Self {
        let names = |column: &crate::models::column::Column| (column.name.value.clone(), column.field.clone());
        Self {
            columns: table.columns.iter().map(names).collect(),
            n_primary_key: table.primary_key.as_ref().map(|key| key.of.columns.len()),
        }
    }
}

fn resolve_own(table: &mut Table, problems: &mut Problems) {
    let columns: Vec<(String, String)> =
        table.columns.iter().map(|column| (column.name.value.clone(), column.field.clone())).collect();
    let name = table.name.value.name.clone();
    let mut resolve = |written: &mut Written| {
        if let Some(column) = problems.take(column_of(&columns, &written.value, &name, &written.spot)) {
            written.value = column;
        }
    };
    let keys = table.primary_key.iter_mut().chain(&mut table.uniques);
    keys.flat_map(|key| key.of.columns.iter_mut().chain(&mut key.of.include)).for_each(&mut resolve);
    table.foreign_keys.iter_mut().flat_map(|key| &mut key.of.columns).for_each(&mut resolve);
    table.exclusions.iter_mut().flat_map(|exclusion| &mut exclusion.of.include).for_each(&mut resolve);
    for index in &mut table.indexes {
        index.include.iter_mut().for_each(&mut resolve);
        for element in &mut index.elements {
            let is_column = columns.iter().any(|(name, field)| [name, field].contains(&&element.written.value));
            // One word in quotes is a column too; what is more than that is an expression.
            if is_column || !element.is_text || whole_name(&element.written.value).is_some() {
                element.is_text = false;
                resolve(&mut element.written);
            }
        }
    }
}

/// References to tables that are no models are the server's to judge: they may be made elsewhere.
fn resolve_target(target: &mut Target, n_columns: usize, known: &BTreeMap<Name, Known>) -> Result<(), Failure> {
    let Some(table) = known.get(&target.table) else { return Ok(()) };
    let name = &target.table.name;
    for column in &mut target.columns {
        *column = column_of(&table.columns, column, name, &target.spot)?;
    }
    let n_target = match (target.columns.len(), table.n_primary_key) {
        (0, Some(n_columns)) => n_columns,
        (0, None) => {
            return Err(target
                .spot
                .failure(format!("`{name}` has no primary key that could be referenced"))
                .help(format!("name the columns that are meant: `references = \"{name} (…)\"`")));
        }
        (n_columns, _) => n_columns,
    };
    if n_target != n_columns {
        return Err(target
            .spot
            .failure(format!("{n_columns} columns cannot reference {n_target} of `{name}`"))
            .help("name as many columns on both sides"));
    }
    Ok(())
}

/// The column that is meant by its name, or by that of its field.
fn column_of(columns: &[(String, String)], asked: &str, table: &str, spot: &Spot) -> Result<String, Failure> {
    let by_name = columns.iter().find(|(name, _)| name == asked);
    if let Some((name, _)) = by_name.or_else(|| columns.iter().find(|(_, field)| field == asked)) {
        return Ok(name.clone());
    }
    let near = nearest(asked, columns.iter().map(|(name, _)| name.as_str()));
    Err(spot.failure(format!("`{table}` has no column `{asked}`")).help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "its columns are {}",
            columns.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        ),
    }))
}
