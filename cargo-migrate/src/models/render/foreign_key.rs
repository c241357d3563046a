//! Foreign keys as SQL: each a statement of its own, after all tables and indexes, since two tables may refer to one another.

use super::{Renderer, timing};
use crate::models::constraint::{Constraint, ForeignKey};
use crate::models::sql_name::identifiers;
use crate::models::table::Table;

impl<'m> Renderer<'m> {
    pub(super) fn foreign_keys(&mut self, table: &'m Table) {
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
}
