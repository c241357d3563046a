//! Schemas, extensions, tables, views, sequences, and which table belongs to which.

use super::Reading;
use super::batch::{Batch, Query};
use super::identities::class;
use migrate_schema::kind::attachment::Attachment;
use migrate_schema::kind::comment::Owner;
use migrate_schema::kind::extension::Extension;
use migrate_schema::kind::schema::Schema;
use migrate_schema::kind::sequence::{OwnedBy, Sequence, SequenceOptions};
use migrate_schema::kind::storage::Parameters;
use migrate_schema::kind::table::{Sort, Table};
use migrate_schema::kind::table_marks::ReplicaIdentity;
use migrate_schema::kind::typed_table::OfType;
use migrate_schema::kind::view::{MaterializedView, View};
use migrate_schema::{Aspect, Id, Kind, Name, Object};
use std::collections::HashMap;

impl Reading {
    pub(super) fn schemas(&mut self, batch: &Batch) {
        let mut extensions = HashMap::new();
        for mut row in batch.rows(Query::Extensions) {
            let oid = row.oid();
            let id = Id::new(Kind::Extension, Name::bare(row.str()));
            let (schema, version, is_relocatable) = (row.text(), row.text(), row.flag());
            self.identities.add(class::EXTENSION, oid, id.clone());
            extensions.insert(oid, (id.clone(), row.optional_text()));
            self.catalog.objects.insert(id, Object::Extension(Extension { schema, version, is_relocatable }));
        }
        for mut row in batch.rows(Query::Members) {
            let (class, oid, extension) = (row.oid(), row.oid(), row.oid());
            if let Some((id, _)) = extensions.get(&extension) {
                self.identities.add_member(class, oid, id.clone());
            }
        }
        self.usual_comments = extensions.into_values().collect();
        for mut row in batch.rows(Query::Schemas) {
            let (oid, name) = (row.oid(), row.str());
            let name = self.identities.add_schema(oid, name);
            let id = Id::schema(name);
            self.insert_owned(class::SCHEMA, oid, id, Object::Schema(Schema), row.str());
        }
    }

    /// Adds an object that no extension owns, and who owns it.
    pub(super) fn insert_owned(&mut self, class: u32, oid: u32, id: Id, object: Object, owner: &str) {
        if self.identities.is_member(class, oid) {
            self.identities.name_member(class, oid, id);
            return;
        }
        self.identities.add(class, oid, id.clone());
        if !owner.is_empty() {
            self.catalog.objects.insert(id.aspect(Aspect::Owner), Object::Owner(Owner(owner.to_owned())));
        }
        self.catalog.objects.insert(id, object);
    }

    pub(super) fn relations(&mut self, batch: &Batch) {
        let mut bounds = HashMap::new();
        for mut row in batch.rows(Query::Relations) {
            let (oid, schema, name, kind, owner) = (row.oid(), row.oid(), row.str(), row.str(), row.str());
            let is_unlogged = row.flag();
            let parameters = Parameters::parse(row.list().iter().map(String::as_str));
            let (access_method, tablespace) = (row.optional_text(), row.optional_text());
            let (row_security, forces_row_security, replica_identity) = (row.flag(), row.flag(), row.str());
            let of_type = row.optional_text().zip(row.optional_text());
            let (key, bound, query) = (row.text(), row.optional_text(), row.str());
            let (is_populated, server) = (row.flag(), row.text());
            let options = Parameters::parse(row.list().iter().map(String::as_str));
            let Some(schema) = self.identities.schema(schema) else { continue };
            let name = Name::new(schema, name);
            if !row.flag() && &*name.schema == "public" {
                self.catalog.hidden.insert(name.clone());
            }
            let query = query.strip_suffix(';').unwrap_or(query).to_owned();
            let object = match kind {
                "r" | "p" | "f" => {
                    self.identities.add_table(oid);
                    bounds.extend(bound.map(|bound| (oid, bound)));
                    let sort = match kind {
                        "p" => Sort::Partitioned(key),
                        "f" => Sort::Foreign { server, options },
                        _ => Sort::Ordinary,
                    };
                    Object::Table(Table {
                        sort,
                        is_unlogged,
                        parameters,
                        access_method,
                        tablespace,
                        row_security,
                        forces_row_security,
                    })
                }
                "v" => Object::View(View { query, parameters, columns: Vec::new() }),
                "m" => Object::MaterializedView(MaterializedView {
                    query,
                    parameters,
                    access_method,
                    tablespace,
                    settings: Vec::new(),
                    is_populated,
                }),
                "S" => Object::Sequence(Sequence { options: usual_sequence(), is_unlogged }),
                // A composite type is one of the types.
                _ => {
                    self.identities.add(class::RELATION, oid, Id::new(Kind::Type, name));
                    continue;
                }
            };
            let id = Id::relation(&name);
            let marks = match replica_identity {
                "n" => Some(ReplicaIdentity::Nothing),
                "f" => Some(ReplicaIdentity::Full),
                _ => None,
            };
            self.insert_owned(class::RELATION, oid, id.clone(), object, owner);
            if self.identities.is_member(class::RELATION, oid) {
                continue;
            }
            if let Some((schema, name)) = of_type {
                let of_type = OfType { ty: Name::new(schema, name) };
                self.catalog.objects.insert(id.aspect(Aspect::OfType), Object::OfType(of_type));
            }
            if let Some(identity) = marks.filter(|_| kind == "r" || kind == "p") {
                self.catalog.objects.insert(id.aspect(Aspect::ReplicaIdentity), Object::ReplicaIdentity(identity));
            }
        }
        self.inheritance(batch, &bounds);
    }

    fn inheritance(&mut self, batch: &Batch, bounds: &HashMap<u32, String>) {
        for mut row in batch.rows(Query::Inheritance) {
            let (child, parent, position) = (row.oid(), row.oid(), row.number());
            if !self.identities.is_table(child) {
                continue;
            }
            if let (Some(child_name), Some(parent)) =
                (self.identities.relation(child), self.identities.relation(parent))
            {
                let part = format!("{}.{}", parent.schema, parent.name);
                let id = Id::part(Kind::Attachment, child_name.clone(), part);
                let bound = bounds.get(&child).cloned();
                let attachment = Attachment { parent: parent.clone(), bound, position };
                self.catalog.objects.insert(id, Object::Attachment(attachment));
            }
        }
    }

    /// The options of sequences, and what they belong to; those of identity columns are returned with their column.
    pub(super) fn sequences(&mut self, batch: &Batch) -> HashMap<(u32, i32), Numbering> {
        let mut identities = HashMap::new();
        for mut row in batch.rows(Query::Sequences) {
            let (oid, ty) = (row.oid(), row.str());
            let (start, increment, max, min, cache) = (row.long(), row.long(), row.long(), row.long(), row.long());
            let options = SequenceOptions::new(ty, start, increment, max, min, cache, row.flag());
            let (table, column, dependency) = (row.oid(), row.number(), row.str());
            let Some(name) = self.identities.relation(oid).cloned() else { continue };
            let id = Id::relation(&name);
            if dependency == "i" {
                self.catalog.objects.remove(&id.aspect(Aspect::Owner));
                let object = self.catalog.objects.remove(&id);
                let is_unlogged = matches!(object, Some(Object::Sequence(Sequence { is_unlogged: true, .. })));
                identities.insert((table, column), Numbering { name, options, is_unlogged });
                continue;
            }
            if let Some(Object::Sequence(sequence)) = self.catalog.objects.get_mut(&id) {
                sequence.options = options;
            }
            if let Some(column) = self.identities.column(table, column) {
                let owned_by = OwnedBy { table: column.name.clone(), column: column.part.to_string() };
                self.catalog.objects.insert(id.aspect(Aspect::OwnedBy), Object::OwnedBy(owned_by));
            }
        }
        identities
    }
}

/// The sequence of an identity column.
#[derive(Debug)]
pub(super) struct Numbering {
    pub(super) name: Name,
    pub(super) options: SequenceOptions,
    pub(super) is_unlogged: bool,
}

/// A sequence before its options are known.
fn usual_sequence() -> SequenceOptions {
    SequenceOptions::new("bigint", 1, 1, i64::MAX, 1, 1, false)
}
