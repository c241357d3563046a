//! Constraints, and the indexes that belong to them or stand alone.

use super::Reading;
use super::batch::{Batch, Query};
use super::identities::class;
use migrate_schema::kind::constraint::{Constraint, ConstraintSort};
use migrate_schema::kind::domain::DomainConstraint;
use migrate_schema::kind::index::Index;
use migrate_schema::kind::storage::Parameters;
use migrate_schema::kind::table_marks::{Cluster, ReplicaIdentity};
use migrate_schema::{Aspect, Id, Kind, Name, Object};
use std::collections::HashMap;

impl Reading {
    pub(super) fn constraints_and_indexes(&mut self, batch: &Batch) {
        let mut owners = HashMap::new();
        let mut above = Vec::new();
        for mut row in batch.rows(Query::Constraints) {
            let (oid, name, sort, table, domain) = (row.oid(), row.str(), row.str(), row.oid(), row.oid());
            let (index, refers_to, is_validated) = (row.oid(), row.oid(), row.flag());
            let (is_local, is_inherited, parent, definition) = (row.flag(), row.flag(), row.oid(), row.text());
            if domain != 0 {
                if let Some(ty) = self.identities.get(class::TYPE, domain).filter(|id| id.kind == Kind::Type) {
                    let id = Id::part(Kind::DomainConstraint, ty.name.clone(), name);
                    let constraint = DomainConstraint { definition, is_validated };
                    self.identities.add(class::CONSTRAINT, oid, id.clone());
                    self.catalog.objects.insert(id, Object::DomainConstraint(constraint));
                }
                continue;
            }
            let sort = match sort {
                "p" => ConstraintSort::PrimaryKey,
                "u" => ConstraintSort::Unique,
                "c" => ConstraintSort::Check,
                "x" => ConstraintSort::Exclusion,
                "f" => ConstraintSort::ForeignKey,
                // That of a constraint trigger is the trigger.
                _ => continue,
            };
            let Some(table) = self.identities.relation(table) else { continue };
            let id = Id::part(Kind::Constraint, table.clone(), name);
            let has_index = !matches!(sort, ConstraintSort::Check | ConstraintSort::ForeignKey);
            if has_index {
                owners.insert(index, id.clone());
            }
            if sort == ConstraintSort::ForeignKey && parent != 0 {
                above.push((id.clone(), parent));
            }
            let constraint = Constraint {
                sort,
                definition,
                is_validated,
                is_local,
                is_inherited,
                refers_to: self.identities.relation(refers_to).cloned(),
                parameters: Parameters::default(),
                tablespace: None,
                attached_to: None,
                is_index_valid: true,
                above: None,
            };
            self.identities.add(class::CONSTRAINT, oid, id.clone());
            self.catalog.objects.insert(id, Object::Constraint(constraint));
        }
        for (id, parent) in above {
            let parent = self.identities.get(class::CONSTRAINT, parent).cloned();
            if let Some(Object::Constraint(constraint)) = self.catalog.objects.get_mut(&id) {
                (constraint.is_local, constraint.above) = (false, parent);
            }
        }
        self.indexes(batch, &owners);
    }

    fn indexes(&mut self, batch: &Batch, owners: &HashMap<u32, Id>) {
        let names: HashMap<u32, Name> = batch
            .rows(Query::Indexes)
            .filter_map(|mut row| {
                let (oid, table, name) = (row.oid(), row.oid(), row.str());
                Some((oid, Name::new(self.identities.relation(table)?.schema.clone(), name)))
            })
            .collect();
        for mut row in batch.rows(Query::Indexes) {
            let (oid, table, name, is_unique, is_valid) = (row.oid(), row.oid(), row.str(), row.flag(), row.flag());
            let (is_clustered, is_identity, is_partitioned) = (row.flag(), row.flag(), row.flag());
            let (definition, condition) = (row.str(), row.optional_text());
            let parameters = Parameters::parse(row.list().iter().map(String::as_str));
            let (tablespace, above) = (row.optional_text(), row.oid());
            let Some(table) = self.identities.relation(table).cloned() else { continue };
            let index = Name::new(table.schema.clone(), name);
            let attached_to = names.get(&above).cloned();
            let object = match owners.get(&oid) {
                Some(owner) => {
                    if let Some(Object::Constraint(constraint)) = self.catalog.objects.get_mut(owner) {
                        (constraint.parameters, constraint.tablespace) = (parameters, tablespace);
                        (constraint.attached_to, constraint.is_index_valid) = (attached_to, is_valid);
                    }
                    owner.clone()
                }
                None => {
                    let id = Id::new(Kind::Index, index.clone());
                    let statistics = row
                        .list()
                        .iter()
                        .filter_map(|entry| entry.split_once('='))
                        .filter_map(|(column, target)| Some((column.parse().ok()?, target.parse().ok()?)))
                        .collect();
                    let object = Index {
                        table: table.clone(),
                        is_unique,
                        definition: body(definition, condition.as_deref()),
                        condition,
                        parameters,
                        tablespace,
                        statistics,
                        is_valid,
                        is_partitioned,
                        attached_to,
                    };
                    self.catalog.objects.insert(id.clone(), Object::Index(object));
                    id
                }
            };
            self.identities.add(class::RELATION, oid, object.clone());
            let relation = Id::relation(&table);
            if is_clustered {
                let cluster = Cluster { index: index.clone(), object: object.clone() };
                self.catalog.objects.insert(relation.aspect(Aspect::Cluster), Object::Cluster(cluster));
            }
            if is_identity {
                let identity = ReplicaIdentity::Index { index, object };
                self.catalog
                    .objects
                    .insert(relation.aspect(Aspect::ReplicaIdentity), Object::ReplicaIdentity(identity));
            }
        }
    }
}

/// The definition of an index from `USING` on, without what is known separately.
fn body(definition: &str, condition: Option<&str>) -> String {
    let start = outside_quotes(definition, " USING ").map_or(0, |index| index + 1);
    let mut body = &definition[start..];
    if let Some(condition) = condition {
        body = body.strip_suffix(condition).and_then(|body| body.strip_suffix(" WHERE ")).unwrap_or(body);
    }
    // Storage parameters are the last thing before the condition, and their values are quoted.
    match body.rfind(" WITH (") {
        Some(index) if body.ends_with(')') && !body[index..].contains("))") => body[..index].to_owned(),
        _ => body.to_owned(),
    }
}

/// Where a text begins that is in no quoted name.
fn outside_quotes(text: &str, wanted: &str) -> Option<usize> {
    let mut is_quoted = false;
    text.char_indices().find_map(|(index, char)| {
        is_quoted ^= char == '"';
        (!is_quoted && text[index..].starts_with(wanted)).then_some(index)
    })
}

#[cfg(test)]
mod tests {
    use super::body;

    #[test]
    fn an_index_is_what_comes_after_the_name_of_its_table() {
        let definition =
            "CREATE INDEX \"a USING b\" ON public.t USING btree (lower(x)) WITH (fillfactor='70') WHERE (x > 1)";
        assert_eq!(body(definition, Some("(x > 1)")), "USING btree (lower(x))");
        assert_eq!(body("CREATE INDEX i ON ONLY public.t USING gin (x)", None), "USING gin (x)");
    }
}
