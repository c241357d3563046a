//! A schema as a value: the objects of a database by their identity, and the edges between them.

use crate::kind::comment::{Comment, Owner};
use crate::kind::extension::Extension;
use crate::kind::privileges::Privileges;
use crate::kind::schema::Schema;
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use crate::quote::DEFAULT_SCHEMA;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that a database's schema consists of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// The release of the server: 150004 is 15.4.
    pub server_version: u32,
    /// The role that read it, which is who makes what is made.
    pub role: String,
    /// The objects.
    pub objects: BTreeMap<Id, Object>,
    /// Who depends on whom, as the server recorded it.
    pub edges: Vec<Edge>,
    /// Names in the default schema that must be qualified, because Postgres has something of that name too.
    pub hidden: BTreeSet<Name>,
}

/// One object depends on another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// What depends.
    pub from: Id,
    /// What it depends on.
    pub to: Id,
    /// Whether it is dropped together with that.
    pub is_auto: bool,
}

impl Catalog {
    /// What a new database of this release has: the schema `public`, and `plpgsql`. The comment on that is the one of its
    /// control file, which is no part of a schema: a reader leaves such comments out.
    #[must_use]
    pub fn fresh(server_version: u32) -> Self {
        let mut catalog = Self { server_version, ..Self::default() };
        let mut add = |id: &Id, aspect, object| catalog.objects.insert(id.aspect(aspect), object);
        let public = Id::schema(DEFAULT_SCHEMA);
        add(&public, Aspect::Itself, Object::Schema(Schema));
        add(&public, Aspect::Comment, Object::Comment(Comment("standard public schema".to_owned())));
        add(&public, Aspect::Privileges, Object::Privileges(Privileges::of_public_schema(server_version)));
        if server_version >= 150_000 {
            add(&public, Aspect::Owner, Object::Owner(Owner("pg_database_owner".to_owned())));
        }
        let plpgsql = Id::new(Kind::Extension, Name::bare("plpgsql"));
        let extension = Extension { schema: "pg_catalog".into(), version: "1.0".into(), is_relocatable: false };
        add(&plpgsql, Aspect::Itself, Object::Extension(extension));
        catalog
    }

    /// The object of this identity.
    #[must_use]
    pub fn get(&self, id: &Id) -> Option<&Object> {
        self.objects.get(id)
    }

    /// Whether there is an object of this identity.
    #[must_use]
    pub fn contains(&self, id: &Id) -> bool {
        self.objects.contains_key(id)
    }

    /// The columns of a table, in the order of the table.
    pub(crate) fn columns<'a>(&'a self, table: &Name) -> Vec<(&'a Id, &'a crate::kind::column::Column)> {
        let first = Id::column(table, "");
        let mut columns: Vec<_> = self
            .objects
            .range(first..)
            .take_while(|(id, _)| id.kind == Kind::Column && id.name == *table)
            .filter_map(|(id, object)| match object {
                Object::Column(column) => Some((id, column)),
                _ => None,
            })
            .collect();
        columns.sort_by_key(|(_, column)| column.position);
        columns
    }

    /// The tables that this one inherits from, or is a partition of, in their order.
    pub(crate) fn parents<'a>(&'a self, table: &Name) -> Vec<&'a Name> {
        let first = Id::part(Kind::Attachment, table.clone(), "");
        let mut parents: Vec<_> = self
            .objects
            .range(first..)
            .take_while(|(id, _)| id.kind == Kind::Attachment && id.name == *table)
            .filter_map(|(_, object)| match object {
                Object::Attachment(attachment) => Some((attachment.position, &attachment.parent)),
                _ => None,
            })
            .collect();
        parents.sort_by_key(|(position, _)| *position);
        parents.into_iter().map(|(_, parent)| parent).collect()
    }

    /// Whether other tables inherit from this one, or are partitions of it.
    pub(crate) fn has_children(&self, table: &Name) -> bool {
        let first = Id::new(Kind::Attachment, Name::default());
        let attachments = self.objects.range(first..).take_while(|(id, _)| id.kind == Kind::Attachment);
        attachments
            .into_iter()
            .any(|(_, object)| matches!(object, Object::Attachment(attachment) if attachment.parent == *table))
    }

    /// What the object depends on by what it is, beside the edges that the server recorded.
    pub(crate) fn inherent(&self, id: &Id) -> Vec<Edge> {
        let mut edges = Vec::new();
        let mut edge = |to: Id, is_auto| edges.push(Edge { from: id.clone(), to, is_auto });
        if let Some(owner) = id.owner() {
            // A server does not go with its user mappings in it.
            edge(owner, id.kind != Kind::UserMapping || id.aspect != Aspect::Itself);
        } else if !id.name.schema.is_empty() {
            edge(Id::schema(id.name.schema.clone()), false);
        }
        if id.kind == Kind::Column && id.aspect != Aspect::Itself {
            // The columns of views and the attributes of types are no objects, but may have comments.
            edge(Id::relation(&id.name), true);
            edge(Id::new(Kind::Type, id.name.clone()), true);
        }
        if let Some(object) = self.get(id) {
            for (to, is_auto) in object.needs(id) {
                edge(to, is_auto);
            }
        }
        edges
    }
}
