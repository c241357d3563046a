//! Indexes as SQL.

use migrate_schema::quote::identifier;

use super::{Renderer, include};
use crate::models::index::{Index, IndexElement};
use crate::models::naming::element_of_index;
use crate::models::script::Object;
use crate::models::sql_name::Name;
use crate::models::table::Table;

impl<'m> Renderer<'m> {
    pub(super) fn indexes(&mut self, table: &'m Table) {
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
