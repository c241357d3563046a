//! Models as SQL: schemas, enums, tables, indexes, foreign keys, comments; within each by name, whatever the files.
//!
//! A constraint or index without a name of its own gets none here, so that the server gives it the one that it would give
//! it in SQL that a person writes.

use std::collections::{BTreeMap, BTreeSet};

use migrate_schema::quote::{identifier, literal};

use crate::models::column::{Column, Filled};
use crate::models::constraint::{Constraint, ForeignKey, Key, Timing};
use crate::models::enumeration::Enumeration;
use crate::models::index::{Index, IndexElement};
use crate::models::naming::{Taken, column_of_check, element_of_index};
use crate::models::script::{Object, Script};
use crate::models::source::{Spot, Written};
use crate::models::sql_name::{DEFAULT_SCHEMA, Name, identifiers};
use crate::models::table::{Partition, Table};

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

    fn table(&mut self, table: &'m Table) {
        let about = &table.about;
        let name = &table.name.value;
        let unlogged = if about.is_unlogged() { "UNLOGGED " } else { "" };
        self.script.from(&table.name.spot).write(&format!("CREATE {unlogged}TABLE {name} ("));
        self.script.has(Object::Table(name.clone()), &table.name.spot);
        let mut before = "\n    ";
        for column in &table.columns {
            self.script.write(before);
            self.column(column);
            self.script.has(Object::Column(name.clone(), column.name.value.clone()), &column.name.spot);
            self.remark(format!("COLUMN {name}.{}", identifier(&column.name.value)), column.comment.as_ref());
            before = ",\n    ";
        }
        let columns = || table.columns.iter().map(|column| column.name.value.as_str());
        for check in &table.checks {
            let of_column: Vec<&str> = column_of_check(&check.of.expression.value, columns()).into_iter().collect();
            let clause = self.name_clause(table, check, &of_column, "check");
            self.script.from(&check.of.expression.spot).write(before).write(&clause);
            let no_inherit = if check.of.no_inherit { " NO INHERIT" } else { "" };
            self.script.write(&format!("CHECK ({}){no_inherit}{}", check.of.expression.value, timing(&check.timing)));
            before = ",\n    ";
        }
        if let Some(key) = &table.primary_key {
            let clause = self.name_clause(table, key, &[], "pkey");
            self.script.from(&key.spot).write(before).write(&clause).write("PRIMARY KEY").write(&key_clauses(key));
            before = ",\n    ";
        }
        for key in &table.uniques {
            let named_after: Vec<&str> = key.of.columns.iter().chain(&key.of.include).map(|it| &*it.value).collect();
            let clause = self.name_clause(table, key, &named_after, "key");
            let nulls = if key.of.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
            self.script.from(&key.spot).write(before).write(&clause).write("UNIQUE").write(nulls);
            self.script.write(&key_clauses(key));
            before = ",\n    ";
        }
        for exclusion in &table.exclusions {
            self.exclusion(table, exclusion, before);
            before = ",\n    ";
        }
        self.script.from(&table.name.spot).write("\n)");
        if !about.parents.is_empty() {
            let parents: Vec<String> = about.parents.iter().map(Name::to_string).collect();
            self.script.write(&format!(" INHERITS ({})", parents.join(", ")));
        }
        self.clause(" PARTITION BY ", about.partition_by.as_ref(), "");
        self.clause(" WITH (", about.options.as_ref(), ")");
        self.script.end();
        self.remark(format!("TABLE {name}"), about.comment.as_ref());
        about.partitions.iter().for_each(|partition| self.partition(table, partition));
    }

    fn column(&mut self, column: &'m Column) {
        self.script.from(&column.name.spot).write(&identifier(&column.name.value));
        self.script.from(&column.sql_type.spot).write(" ").write(&column.sql_type.value);
        if let Some(collate) = &column.collate {
            self.script.from(&collate.spot).write(&format!(" COLLATE {}", identifier(&collate.value)));
        }
        match &column.value {
            None => {}
            Some(Filled::Default(value)) => self.clause(" DEFAULT ", Some(value), ""),
            Some(Filled::Generated { expression, is_virtual }) => {
                let kind = if *is_virtual { ") VIRTUAL" } else { ") STORED" };
                self.clause(" GENERATED ALWAYS AS (", Some(expression), kind);
            }
            Some(Filled::Identity { spot, is_always, options }) => {
                let when = if *is_always { "ALWAYS" } else { "BY DEFAULT" };
                self.script.from(spot).write(&format!(" GENERATED {when} AS IDENTITY"));
                self.clause(" (", options.as_ref(), ")");
            }
        }
        if !column.is_nullable {
            self.script.from(&column.name.spot).write(" NOT NULL");
        }
    }

    fn exclusion(
        &mut self,
        table: &'m Table,
        exclusion: &'m Constraint<crate::models::constraint::Exclusion>,
        before: &str,
    ) {
        let of = &exclusion.of;
        let names: Vec<String> = of
            .elements
            .iter()
            .map(|element| {
                let first = element.value.split_whitespace().next().unwrap_or_default();
                let column = table.column(first.trim_matches('"'));
                column.map_or_else(|| element_of_index(&element.value), |column| column.name.value.clone())
            })
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let clause = self.name_clause(table, exclusion, &names, "excl");
        self.script.from(&exclusion.spot).write(before).write(&clause).write("EXCLUDE");
        self.clause(" USING ", of.using.as_ref(), "");
        let mut separator = " (";
        for element in &of.elements {
            self.script.write(separator).from(&element.spot).write(&element.value);
            separator = ", ";
        }
        self.script.write(")").write(&include(&of.include));
        self.clause(" WITH (", of.options.as_ref(), ")");
        self.clause(" WHERE (", of.predicate.as_ref(), ")");
        self.script.write(&timing(&exclusion.timing));
    }

    fn partition(&mut self, table: &'m Table, partition: &'m Partition) {
        let name = &partition.name.value;
        let of = match &partition.of {
            Some(of) => Name { schema: name.schema.clone(), name: of.value.clone() },
            None => table.name.value.clone(),
        };
        let unlogged = if partition.is_unlogged { "UNLOGGED " } else { "" };
        self.script.from(&partition.name.spot).write(&format!("CREATE {unlogged}TABLE {name} PARTITION OF {of} "));
        let values = &partition.values;
        let is_default = values.value.trim().eq_ignore_ascii_case("default");
        self.clause(if is_default { "" } else { "FOR VALUES " }, Some(values), "");
        self.clause(" PARTITION BY ", partition.partition_by.as_ref(), "");
        self.clause(" WITH (", partition.options.as_ref(), ")");
        self.script.end();
        self.script.has(Object::Table(name.clone()), &partition.name.spot);
    }

    fn indexes(&mut self, table: &'m Table) {
        for index in &table.indexes {
            self.index(table, index);
        }
    }

    fn index(&mut self, table: &'m Table, index: &'m Index) {
        let columns = index.elements.iter().map(|element| match element.is_text {
            true => element_of_index(&element.written.value),
            false => element.written.value.clone(),
        });
        let columns: Vec<String> = columns.chain(index.include.iter().map(|column| column.value.clone())).collect();
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let schema = &table.name.value.schema;
        let known_as = match &index.name {
            Some(name) => name.value.clone(),
            None => self.taken.entry(schema).or_default().choose(&table.name.value.name, &columns, "idx"),
        };
        let unique = if index.is_unique { "UNIQUE " } else { "" };
        // A comment needs a name.
        let is_named = index.name.is_some() || index.comment.is_some();
        let name = if is_named { format!("{} ", identifier(&known_as)) } else { String::new() };
        self.script.from(&index.spot).write(&format!("CREATE {unique}INDEX {name}ON {}", table.name.value));
        self.clause(" USING ", index.using.as_ref(), "");
        let mut separator = " (";
        for element in &index.elements {
            self.script.write(separator).from(&element.written.spot).write(&element_clauses(element));
            separator = ", ";
        }
        self.script.write(")").write(&include(&index.include));
        self.script.write(if index.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" });
        self.clause(" WITH (", index.options.as_ref(), ")");
        self.clause(" WHERE ", index.predicate.as_ref(), "");
        self.script.end();
        let object = Name { schema: schema.clone(), name: known_as };
        self.remark(format!("INDEX {object}"), index.comment.as_ref());
        self.script.has(Object::Index(object), &index.spot);
    }

    /// What is set after the table is made: older servers do not take it before.
    fn marks(&mut self, table: &'m Table) {
        let name = &table.name.value;
        let mut alter = |spot: &Spot, action: String| {
            self.script.from(spot).write(&format!("ALTER TABLE {name} {action}")).end();
        };
        for column in &table.columns {
            let of = identifier(&column.name.value);
            if let Some(storage) = column.storage {
                alter(&column.name.spot, format!("ALTER COLUMN {of} SET STORAGE {}", storage.to_uppercase()));
            }
            if let Some(compression) = &column.compression {
                alter(
                    &compression.spot,
                    format!("ALTER COLUMN {of} SET COMPRESSION {}", identifier(&compression.value)),
                );
            }
            if let Some(statistics) = &column.statistics {
                alter(&statistics.spot, format!("ALTER COLUMN {of} SET STATISTICS {}", statistics.value));
            }
        }
        if let Some(identity) = &table.about.replica_identity {
            alter(&identity.spot, format!("REPLICA IDENTITY {}", identity.value));
        }
        if table.about.has_row_security() {
            alter(&table.name.spot, "ENABLE ROW LEVEL SECURITY".to_owned());
        }
        if table.about.forces_row_security() {
            alter(&table.name.spot, "FORCE ROW LEVEL SECURITY".to_owned());
        }
    }

    fn foreign_keys(&mut self, table: &'m Table) {
        for key in &table.foreign_keys {
            self.foreign_key(table, key);
        }
    }

    fn foreign_key(&mut self, table: &'m Table, key: &'m Constraint<ForeignKey>) {
        let ForeignKey { columns, target, on_delete, on_update, matching } = &key.of;
        let columns: Vec<&str> = columns.iter().map(|column| column.value.as_str()).collect();
        let clause = self.name_clause(table, key, &columns, "fkey");
        self.script.from(&key.spot).write(&format!("ALTER TABLE {} ADD {clause}", table.name.value));
        self.script.write(&format!("FOREIGN KEY ({}) ", identifiers(columns)));
        self.script.from(&target.spot).write(&format!("REFERENCES {}", target.table));
        if !target.columns.is_empty() {
            self.script.write(&format!(" ({})", identifiers(target.columns.iter().map(String::as_str))));
        }
        let upper = |before: &str, word: &Option<&str>| {
            word.map_or_else(String::new, |word| format!(" {before} {}", word.to_uppercase()))
        };
        self.script.write(&upper("MATCH", matching));
        if !target.rest.is_empty() {
            self.script.write(" ").write(&target.rest);
        }
        self.script.write(&upper("ON DELETE", on_delete)).write(&upper("ON UPDATE", on_update));
        self.script.write(&timing(&key.timing)).end();
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
            self.script.write(before).from(&written.spot).write(&written.value).write(after);
        }
    }

    fn remark(&mut self, on: String, comment: Option<&'m Written>) {
        self.remarks.extend(comment.map(|comment| (on, comment)));
    }
}

fn key_clauses(key: &Constraint<Key>) -> String {
    let columns = identifiers(key.of.columns.iter().map(|column| column.value.as_str()));
    let options = key.of.options.as_ref().map_or_else(String::new, |options| format!(" WITH ({})", options.value));
    format!(" ({columns}){}{options}{}", include(&key.of.include), timing(&key.timing))
}

fn element_clauses(element: &IndexElement) -> String {
    let IndexElement { written, is_text, how } = element;
    let mut text = if *is_text { written.value.clone() } else { identifier(&written.value).into_owned() };
    if let Some(collate) = &how.collate {
        text += &format!(" COLLATE {}", identifier(&collate.value));
    }
    if let Some(opclass) = &how.opclass {
        text += &format!(" {}", opclass.value);
    }
    if let Some(order) = how.order {
        text += &format!(" {}", order.to_uppercase());
    }
    if let Some(nulls) = how.nulls {
        text += &format!(" NULLS {}", nulls.to_uppercase());
    }
    text
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
