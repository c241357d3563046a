//! A schema that describes a part of what a database has, completed by the rest: what its language cannot say is as it was.

use crate::catalog::Catalog;
use crate::diff::Options;
use crate::kind::table::Sort;
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use crate::quote::DEFAULT_SCHEMA;
use crate::rename::{self, Rename};
use std::collections::{BTreeMap, BTreeSet};

impl Catalog {
    /// What a schema of tables and enums describes, completed by the views, functions, triggers, policies and whatever else
    /// the current schema has. What stands on a table or column that ends, ends with it.
    ///
    /// Partitions that the schema does not name are left out of the current schema: they are made as time passes, and not
    /// by revisions. Tables and enums that are `theirs`, who share the database, stay as they are too, and so does all that
    /// is in schemas of which it has nothing, as with Alembic, which leaves other schemas alone unless it is told.
    #[must_use]
    pub fn complete_tables(self, current: &mut Self, renames: &[Rename], theirs: &BTreeSet<Id>) -> Self {
        let options = Options::default().with_renames(renames.to_vec());
        let theirs = &self.with_foreign_schemas(current, theirs);
        let renamed = rename::apply(current, &self, &options).map(|(catalog, _)| catalog);
        current.leave_out_partitions_of(&self);
        match renamed {
            Some(mut renamed) => {
                renamed.leave_out_partitions_of(&self);
                self.completed_by(&renamed, theirs)
            }
            None => self.completed_by(current, theirs),
        }
    }

    /// What is of others, with what is in schemas of which this one has nothing.
    fn with_foreign_schemas(&self, current: &Self, theirs: &BTreeSet<Id>) -> BTreeSet<Id> {
        let is_whole = |id: &&Id| matches!(id.kind, Kind::Relation | Kind::Type) && id.aspect == Aspect::Itself;
        let mut schemas: BTreeSet<&str> = self.objects.keys().filter(is_whole).map(|id| &*id.name.schema).collect();
        schemas.insert(DEFAULT_SCHEMA);
        let others = current.objects.keys().filter(is_whole).filter(|id| !schemas.contains(&*id.name.schema));
        theirs.iter().chain(others).cloned().collect()
    }

    fn completed_by(mut self, current: &Self, theirs: &BTreeSet<Id>) -> Self {
        self.forget_what_is_not_described(current, theirs);
        let of_whom = |id: &Id| current.get(&id.aspect(Aspect::Itself));
        let mut kept: BTreeSet<&Id> = current
            .objects
            .iter()
            .filter(|(id, object)| match id.aspect {
                Aspect::Itself => !current.describes(id, object, theirs),
                // These sides of what is described are described with it, and the others are not.
                Aspect::Default | Aspect::Comment | Aspect::OwnedBy | Aspect::ReplicaIdentity => {
                    !of_whom(id).is_some_and(|object| current.describes(id, object, theirs))
                }
                _ => true,
            })
            .map(|(id, _)| id)
            .collect();
        let mut needed: BTreeMap<&Id, Vec<Id>> =
            kept.iter().map(|id| (*id, current.inherent(id).into_iter().map(|edge| edge.to).collect())).collect();
        for edge in &current.edges {
            if let Some(needed) = needed.get_mut(&edge.from) {
                needed.push(edge.to.clone());
            }
        }
        // What is kept needs what it stands on; taking one away may take others.
        loop {
            let stands = |id: &Id| {
                let mut needed = needed.get(id).into_iter().flatten();
                needed.all(|to| self.contains(to) || kept.contains(to) || !current.contains(to))
            };
            let fallen: Vec<&Id> = kept.iter().copied().filter(|id| !self.contains(id) && !stands(id)).collect();
            if fallen.is_empty() {
                break;
            }
            fallen.iter().for_each(|id| {
                kept.remove(id);
            });
        }
        let added: Vec<(Id, Object)> = kept
            .iter()
            .filter(|id| !self.contains(id))
            .filter_map(|id| current.get(id).map(|object| ((*id).clone(), object.clone())))
            .collect();
        let is_added: BTreeSet<&Id> = added.iter().map(|(id, _)| id).collect();
        self.edges.extend(current.edges.iter().filter(|edge| is_added.contains(&edge.from)).cloned());
        self.objects.extend(added);
        for (id, object) in &mut self.objects {
            keep_unsaid(object, current.get(id));
        }
        self
    }

    /// Whether models say all of an object of this kind.
    fn describes(&self, id: &Id, object: &Object, theirs: &BTreeSet<Id>) -> bool {
        let owned_by = self.get(&id.aspect(Aspect::OwnedBy));
        let table = match (object, owned_by) {
            (Object::Index(index), _) => &index.table,
            (_, Some(Object::OwnedBy(owned_by))) => &owned_by.table,
            _ => &id.name,
        };
        if theirs.contains(&Id::relation(table)) || theirs.contains(&Id::new(Kind::Type, id.name.clone())) {
            return false;
        }
        match id.kind {
            Kind::Column | Kind::Constraint | Kind::Attachment => self.is_of_models(&id.name),
            Kind::Index => matches!(object, Object::Index(index) if self.is_of_models(&index.table)),
            Kind::Relation => match object {
                Object::Table(_) => self.is_of_models(&id.name),
                // That which numbers its column is described with it; others are not.
                Object::Sequence(_) => owned_by.is_some_and(|owned_by| self.numbers(id, owned_by)),
                _ => false,
            },
            Kind::Type => matches!(object, Object::Enum(_)),
            _ => false,
        }
    }

    /// Whether a column has its default from the sequence that it owns.
    fn numbers(&self, sequence: &Id, owned_by: &Object) -> bool {
        let Object::OwnedBy(owned_by) = owned_by else { return false };
        let default = Id::column(&owned_by.table, owned_by.column.as_str()).aspect(Aspect::Default);
        self.edges.iter().any(|edge| edge.from == default && edge.to == *sequence)
    }

    /// Whether it is a table as models have them: no view, and none of another server.
    fn is_of_models(&self, name: &Name) -> bool {
        let table = self.get(&Id::relation(name));
        matches!(table, Some(Object::Table(table)) if !matches!(table.sort, Sort::Foreign { .. }))
    }

    /// Takes away what a new database has anyway, where the other has it in its own way.
    fn forget_what_is_not_described(&mut self, other: &Self, theirs: &BTreeSet<Id>) {
        let is_others = |id: &Id| {
            let id = id.aspect(Aspect::Itself);
            let object = self.get(&id).or_else(|| other.get(&id));
            other.contains(&id) && !object.is_some_and(|object| self.describes(&id, object, theirs))
        };
        let gone: BTreeSet<Id> = self.objects.keys().filter(|id| is_others(id)).cloned().collect();
        self.objects.retain(|id, _| !gone.contains(id));
    }

    /// Takes away the partitions that another schema does not have, of tables that it has.
    fn leave_out_partitions_of(&mut self, other: &Self) {
        let mut gone: BTreeSet<Id> = BTreeSet::new();
        loop {
            let more: Vec<Id> = self
                .objects
                .iter()
                .filter_map(|(id, object)| match object {
                    Object::Attachment(attachment) if attachment.bound.is_some() => Some((id, &attachment.parent)),
                    _ => None,
                })
                .filter(|(_, parent)| other.contains(&Id::relation(parent)) || gone.contains(&Id::relation(parent)))
                .map(|(id, _)| Id::relation(&id.name))
                .filter(|table| !other.contains(table) && !gone.contains(table))
                .collect();
            if more.is_empty() {
                break;
            }
            gone.extend(more);
        }
        if !gone.is_empty() {
            let is_gone = |id: &Id, object: Option<&Object>| {
                let table = match object {
                    Some(Object::Index(index)) => &index.table,
                    _ => &id.name,
                };
                gone.contains(&Id::relation(table)) && !matches!(id.kind, Kind::Routine | Kind::Type | Kind::Schema)
            };
            let ids: BTreeSet<Id> = self
                .objects
                .iter()
                .filter(|(id, object)| is_gone(id, Some(object)))
                .map(|(id, _)| id.clone())
                .collect();
            self.objects.retain(|id, _| !ids.contains(id) && !ids.contains(&id.aspect(Aspect::Itself)));
            self.edges.retain(|edge| !ids.contains(&edge.from) && !ids.contains(&edge.to));
        }
    }
}

/// What attributes of models cannot say of tables, columns and indexes is as it was.
fn keep_unsaid(object: &mut Object, current: Option<&Object>) {
    match (object, current) {
        (Object::Table(table), Some(Object::Table(current))) => {
            // Policies are kept, and so is that they hold: a table is never opened because a model is silent.
            table.row_security |= current.row_security;
            table.forces_row_security |= current.forces_row_security;
            table.access_method.clone_from(&current.access_method);
            table.tablespace.clone_from(&current.tablespace);
        }
        (Object::Column(column), Some(Object::Column(current))) => {
            column.parameters = current.parameters.clone();
            column.foreign = current.foreign.clone();
        }
        (Object::Index(index), Some(Object::Index(current))) => {
            index.tablespace.clone_from(&current.tablespace);
            index.statistics.clone_from(&current.statistics);
        }
        (Object::Constraint(constraint), Some(Object::Constraint(current))) => {
            constraint.tablespace.clone_from(&current.tablespace);
        }
        _ => {}
    }
}
