//! Enums, domains, composite types and ranges.

use super::Reading;
use super::batch::{Batch, Query};
use super::identities::class;
use migrate_schema::kind::composite::Composite;
use migrate_schema::kind::domain::Domain;
use migrate_schema::kind::enumeration::Enum;
use migrate_schema::kind::range::Range;
use migrate_schema::quote::qualified;
use migrate_schema::{Id, Kind, Name, Object};

impl Reading {
    pub(super) fn types(&mut self, batch: &Batch) {
        let mut arrays = Vec::new();
        for mut row in batch.rows(Query::Types) {
            let (oid, schema, name, sort, owner) = (row.oid(), row.oid(), row.str(), row.str(), row.str());
            let (relation, element, array) = (row.oid(), row.oid(), row.oid());
            let is_not_null = row.flag();
            let (base, collation, default, is_visible) =
                (row.text(), row.optional_text(), row.optional_text(), row.flag());
            let labels = row.list();
            let Some(schema) = self.identities.schema(schema) else { continue };
            let name = Name::new(schema, name);
            let id = Id::new(Kind::Type, name.clone());
            let object = match sort {
                "e" => Object::Enum(Enum { labels }),
                "d" => Object::Domain(Domain { base, collation, is_not_null, default }),
                "r" => Object::Range(Range { parameters: Vec::new() }),
                "c" => match self.identities.get(class::RELATION, relation) {
                    // The type of a table's rows is the table.
                    Some(table) if matches!(table.kind, Kind::Relation | Kind::Extension) => {
                        let table = table.clone();
                        self.identities.add(class::TYPE, oid, table);
                        continue;
                    }
                    _ => Object::Composite(Composite { attributes: Vec::new() }),
                },
                _ => {
                    if element != 0 {
                        arrays.push((oid, element));
                    } else if sort == "b" && array != 0 && !self.identities.is_member(class::TYPE, oid) {
                        let what = format!("the base type {}", qualified(&name));
                        self.insert_owned(class::TYPE, oid, id, Object::Other(what), owner);
                    }
                    continue;
                }
            };
            if !is_visible && &*name.schema == "public" {
                self.catalog.hidden.insert(name);
            }
            self.insert_owned(class::TYPE, oid, id, object, owner);
        }
        self.ranges(batch);
        for (array, element) in arrays {
            if let Some(id) = self.identities.get(class::TYPE, element).cloned()
                && !self.identities.is_member(class::TYPE, array)
            {
                self.identities.add(class::TYPE, array, id);
            }
        }
    }

    fn ranges(&mut self, batch: &Batch) {
        for mut row in batch.rows(Query::Ranges) {
            let (oid, subtype, operator_class, collation) =
                (row.oid(), row.text(), row.optional_text(), row.optional_text());
            let (canonical, difference, multirange) = (row.optional_text(), row.optional_text(), row.oid());
            let multirange_name = row.optional_text();
            let Some(id) = self.identities.get(class::TYPE, oid).cloned() else { continue };
            if multirange != 0 && !self.identities.is_member(class::TYPE, oid) {
                self.identities.add(class::TYPE, multirange, id.clone());
            }
            if let Some(Object::Range(range)) = self.catalog.objects.get_mut(&id) {
                let parameters = [
                    ("SUBTYPE", Some(subtype)),
                    ("SUBTYPE_OPCLASS", operator_class),
                    ("COLLATION", collation),
                    ("CANONICAL", canonical),
                    ("SUBTYPE_DIFF", difference),
                    ("MULTIRANGE_TYPE_NAME", multirange_name.filter(|name| *name != usual_multirange(&id.name.name))),
                ];
                let parameters = parameters.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
                range.parameters = parameters.collect();
            }
        }
    }
}

/// The name that Postgres gives the multirange of a range (`makeMultirangeTypeName`).
fn usual_multirange(range: &str) -> String {
    match range.rfind("range") {
        Some(index) => format!("{}multi{}", &range[..index], &range[index..]),
        None => format!("{range}_multirange"),
    }
}
