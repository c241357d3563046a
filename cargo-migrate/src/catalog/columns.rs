//! The columns of tables and views, the attributes of composite types, and defaults.

use super::Reading;
use super::batch::{Batch, Query};
use super::identities::class;
use migrate_schema::kind::column::{Column, Default, Generated, Identity};
use migrate_schema::kind::composite::Attribute;
use migrate_schema::kind::storage::Parameters;
use migrate_schema::quote::identifier;
use migrate_schema::{Aspect, Id, Kind, Object};
use std::collections::HashMap;

impl Reading {
    pub(super) fn columns(&mut self, batch: &Batch) {
        let mut attributes: HashMap<u32, Vec<(i32, Attribute)>> = HashMap::new();
        let mut rows = Vec::new();
        for mut row in batch.rows(Query::Columns) {
            let (relation, number, name) = (row.oid(), row.number(), row.str());
            self.identities.add_column(relation, number, name);
            rows.push((relation, number, name, row));
        }
        let sequences = self.sequences(batch);
        for (relation, number, name, mut row) in rows {
            let (ty, is_not_null, identity, generated) = (row.text(), row.flag(), row.str(), row.str());
            let (collation, storage) = (row.optional_text(), row.optional().and_then(storage));
            let compression = match row.str() {
                "p" => Some("pglz".to_owned()),
                "l" => Some("lz4".to_owned()),
                _ => None,
            };
            let statistics = row.optional_number();
            let parameters = Parameters::parse(row.list().iter().map(String::as_str));
            let foreign = Parameters::parse(row.list().iter().map(String::as_str));
            let (is_local, is_inherited) = (row.flag(), row.flag());
            if !self.identities.is_table(relation) {
                self.set_on_view(relation, name, statistics, storage.as_deref());
                let attribute = Attribute { name: name.to_owned(), ty, collation };
                attributes.entry(relation).or_default().push((number, attribute));
                continue;
            }
            let Some(id) = self.identities.column(relation, number) else { continue };
            let column = Column {
                position: number,
                ty,
                collation,
                is_not_null,
                identity: sequences.get(&(relation, number)).filter(|_| !identity.is_empty()).map(|numbering| {
                    Identity {
                        is_always: identity == "a",
                        sequence: numbering.name.clone(),
                        options: numbering.options.clone(),
                        is_unlogged: numbering.is_unlogged,
                    }
                }),
                generated: (!generated.is_empty())
                    .then(|| Generated { expression: String::new(), is_virtual: generated == "v" }),
                storage,
                compression,
                statistics,
                parameters,
                foreign,
                is_local,
                is_inherited,
            };
            self.catalog.objects.insert(id, Object::Column(column));
        }
        for (relation, mut attributes) in attributes {
            attributes.sort_by_key(|(number, _)| *number);
            let attributes = attributes.into_iter().map(|(_, attribute)| attribute).collect();
            let Some(id) = self.identities.get(class::RELATION, relation) else { continue };
            match self.catalog.objects.get_mut(id) {
                Some(Object::View(view)) => view.columns = attributes,
                Some(Object::Composite(composite)) => composite.attributes = attributes,
                _ => {}
            }
        }
        self.defaults(batch);
    }

    /// What a column of a materialized view has that its query does not say.
    fn set_on_view(&mut self, relation: u32, name: &str, statistics: Option<i32>, storage: Option<&str>) {
        let Some(id) = self.identities.get(class::RELATION, relation) else { return };
        if let Some(Object::MaterializedView(view)) = self.catalog.objects.get_mut(id) {
            let name = identifier(name);
            let statistics = statistics.map(|target| format!("ALTER COLUMN {name} SET STATISTICS {target}"));
            let storage = storage.map(|storage| format!("ALTER COLUMN {name} SET STORAGE {storage}"));
            view.settings.extend(statistics.into_iter().chain(storage));
        }
    }

    fn defaults(&mut self, batch: &Batch) {
        for mut row in batch.rows(Query::Defaults) {
            let (oid, relation, number, expression) = (row.oid(), row.oid(), row.number(), row.text());
            let Some(id) = self.identities.column(relation, number) else { continue };
            if self.identities.is_member(class::RELATION, relation) {
                continue;
            }
            if let Some(Object::Column(Column { generated: Some(generated), .. })) = self.catalog.objects.get_mut(&id) {
                generated.expression = expression;
                self.identities.add(class::DEFAULT, oid, id);
                continue;
            }
            let id = id.aspect(Aspect::Default);
            self.identities.add(class::DEFAULT, oid, id.clone());
            self.catalog.objects.insert(id, Object::Default(Default { expression }));
        }
    }

    /// Whether an edge is held by an object of its own: attachments, and what sequences belong to.
    pub(super) fn is_told_otherwise(&self, from: &Id, to: &Id) -> bool {
        let is_table = |id: &Id| id.kind == Kind::Relation && matches!(self.catalog.get(id), Some(Object::Table(_)));
        let is_sequence = |id: &Id| matches!(self.catalog.get(id), Some(Object::Sequence(_)));
        (is_table(from) && is_table(to)) || (is_sequence(from) && matches!(to.kind, Kind::Column | Kind::Relation))
    }
}

fn storage(letter: &str) -> Option<String> {
    let name = match letter {
        "p" => "PLAIN",
        "e" => "EXTERNAL",
        "x" => "EXTENDED",
        "m" => "MAIN",
        _ => return None,
    };
    Some(name.to_owned())
}
