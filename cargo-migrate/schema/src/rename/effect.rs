//! What a rename does to everything that names what is renamed.

use super::{Rename, output};
use crate::catalog::Catalog;
use crate::context::Context;
use crate::kind::column::Column;
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use crate::quote::{identifier, literal};
use std::collections::BTreeSet;

/// What a rename does to names, identities and texts.
pub(super) struct Renaming<'rename> {
    rename: &'rename Rename,
    target: Id,
    /// Tables below the one whose column is renamed: theirs is renamed with it.
    tables: BTreeSet<Name>,
    /// Objects whose texts may name what is renamed.
    pub(super) touched: BTreeSet<Id>,
    /// The old and the new name as literals, as in `nextval('…'::regclass)`.
    literals: (String, String),
}

impl<'rename> Renaming<'rename> {
    pub(super) fn of(rename: &'rename Rename, catalog: &Catalog, context: &Context<'_>) -> Self {
        let target = rename.target();
        let mut tables = BTreeSet::from([rename.from.name.clone()]);
        if rename.from.kind == Kind::Column {
            let inherits = |id: &Id| {
                matches!(
                    catalog.get(&Id::column(&id.name, rename.from.part.clone())),
                    Some(Object::Column(Column { is_inherited: true, is_local: false, .. }))
                )
            };
            // Each round finds one more level of tables.
            loop {
                let below: Vec<Name> = catalog
                    .objects
                    .iter()
                    .filter_map(|(id, object)| match object {
                        Object::Attachment(attachment) if tables.contains(&attachment.parent) => Some(id),
                        _ => None,
                    })
                    .filter(|id| inherits(id) && !tables.contains(&id.name))
                    .map(|id| id.name.clone())
                    .collect();
                if below.is_empty() {
                    break;
                }
                tables.extend(below);
            }
        }
        let is_of = |id: &Id| match rename.from.kind {
            Kind::Column => id.kind == Kind::Column && tables.contains(&id.name) && id.part == rename.from.part,
            Kind::Relation => matches!(id.kind, Kind::Relation | Kind::Column) && id.name == rename.from.name,
            Kind::Type => id.kind == Kind::Type && id.name == rename.from.name,
            _ => *id == rename.from,
        };
        let mut touched: BTreeSet<Id> =
            catalog.edges.iter().filter(|edge| is_of(&edge.to)).map(|edge| edge.from.clone()).collect();
        let has_tables = matches!(rename.from.kind, Kind::Relation | Kind::Column);
        touched.extend(catalog.objects.keys().filter(|id| has_tables && tables.contains(&id.name)).cloned());
        let value = |part: &str| format!("{}::{}", literal(part), context.name(&rename.from.name));
        if rename.is_value() {
            let literals = (value(&rename.from.part), value(&rename.to));
            return Self { rename, target, tables, touched, literals };
        }
        let literals = (literal(&context.name(&rename.from.name)), literal(&context.name(&target.name)));
        Self { rename, target, tables, touched, literals }
    }

    pub(super) fn name(&self, name: &Name) -> Name {
        let is_named =
            !self.rename.is_value() && matches!(self.rename.from.kind, Kind::Relation | Kind::Index | Kind::Type);
        if is_named && *name == self.rename.from.name { self.target.name.clone() } else { name.clone() }
    }

    pub(super) fn id(&self, id: &Id) -> Id {
        let from = &self.rename.from;
        match from.kind {
            _ if self.rename.is_value() => id.clone(),
            Kind::Column if id.kind == Kind::Column && self.tables.contains(&id.name) && id.part == from.part => {
                Id { part: self.target.part.clone(), ..id.clone() }
            }
            Kind::Constraint if id.kind == from.kind && id.name == from.name && id.part == from.part => {
                Id { part: self.target.part.clone(), ..id.clone() }
            }
            Kind::Relation if self.is_part_of_relation(id) => Id { name: self.target.name.clone(), ..id.clone() },
            Kind::Relation if matches!(id.kind, Kind::Attachment | Kind::PublicationTable) => {
                let whole = |name: &Name| format!("{}.{}", name.schema, name.name);
                let is_it = *id.part == *whole(&from.name);
                Id { part: if is_it { whole(&self.target.name).into() } else { id.part.clone() }, ..id.clone() }
            }
            Kind::Type if matches!(id.kind, Kind::Type | Kind::DomainConstraint) && id.name == from.name => {
                Id { name: self.target.name.clone(), ..id.clone() }
            }
            // The types of its arguments are part of what a routine is called; a row of a table is one.
            Kind::Type | Kind::Relation
                if id.kind == Kind::Routine
                    && (from.kind == Kind::Type || self.touched.contains(&id.aspect(Aspect::Itself))) =>
            {
                let mut part = id.part.to_string();
                self.text(&mut part);
                Id { part: part.into(), ..id.clone() }
            }
            Kind::Index if id.kind == Kind::Index && id.name == from.name => {
                Id { name: self.target.name.clone(), ..id.clone() }
            }
            _ => id.clone(),
        }
    }

    fn is_part_of_relation(&self, id: &Id) -> bool {
        let owner = id.owner().map_or(id.kind, |owner| owner.kind);
        let is_part = owner == Kind::Relation || id.kind == Kind::Relation || id.kind == Kind::Column;
        is_part && id.name == self.rename.from.name
    }

    /// Puts the new name where the old one stands as a word of its own.
    pub(super) fn text(&self, text: &mut String) {
        let (old, new) = match self.rename.from.kind {
            Kind::Column | Kind::Constraint => (&self.rename.from.part, &self.target.part),
            _ => (&self.rename.from.name.name, &self.target.name.name),
        };
        *text = text.replace(&self.literals.0, &self.literals.1);
        if self.rename.is_value() {
            return;
        }
        let (old, new) = (identifier(old), identifier(new));
        let has_aliases = matches!(self.rename.from.kind, Kind::Column | Kind::Relation);
        let is_word = |char: char| char.is_alphanumeric() || matches!(char, '_' | '$' | '"');
        let mut replaced = String::with_capacity(text.len());
        let mut quote = false;
        let mut rest = text.as_str();
        while let Some(char) = rest.chars().next() {
            // The alias of what a query gives is no name of a column or table.
            let is_alias = has_aliases && replaced.ends_with(" AS ");
            let starts_word = !is_alias && !replaced.ends_with(is_word);
            if !quote && starts_word && rest.starts_with(&*old) && !rest[old.len()..].starts_with(is_word) {
                replaced += &new;
                rest = &rest[old.len()..];
                continue;
            }
            quote ^= char == '\'';
            replaced.push(char);
            rest = &rest[char.len_utf8()..];
        }
        let is_column = self.rename.from.kind == Kind::Column;
        *text = if is_column { output::named_as_before(&replaced, &old, &new) } else { replaced };
    }
}
