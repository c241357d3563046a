//! Tables as SQL, with their columns, partitions, and all constraints but the foreign keys.

use migrate_schema::quote::identifier;

use super::{Renderer, include, timing};
use crate::models::about::Partition;
use crate::models::column::{Column, Filled};
use crate::models::constraint::{Constraint, Exclusion, Key};
use crate::models::naming::{column_of_check, element_of_index};
use crate::models::script::Object;
use crate::models::source::Spot;
use crate::models::sql_name::{Name, identifiers};
use crate::models::table::Table;

impl<'m> Renderer<'m> {
    pub(super) fn table(&mut self, table: &'m Table) {
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
            self.clause("CHECK (", Some(&check.of.expression), ")");
            self.script.write(no_inherit).write(&timing(&check.timing));
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
        self.script.write(" ").from(&column.sql_type.spot).write(&column.sql_type.value);
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

    fn exclusion(&mut self, table: &'m Table, exclusion: &'m Constraint<Exclusion>, before: &str) {
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

    /// What is set after the table is made: older servers do not take it before.
    pub(super) fn marks(&mut self, table: &'m Table) {
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
}

fn key_clauses(key: &Constraint<Key>) -> String {
    let columns = identifiers(key.of.columns.iter().map(|column| column.value.as_str()));
    let options = key.of.options.as_ref().map_or_else(String::new, |options| format!(" WITH ({})", options.value));
    format!(" ({columns}){}{options}{}", include(&key.of.include), timing(&key.timing))
}
