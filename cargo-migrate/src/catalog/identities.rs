//! Which object an oid is.

use migrate_schema::{Aspect, Id, Kind, Name};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The oids of the system catalogs, which never change (`src/include/catalog/*.h`).
pub(super) mod class {
    pub(crate) const TYPE: u32 = 1247;
    pub(crate) const ROUTINE: u32 = 1255;
    pub(crate) const RELATION: u32 = 1259;
    pub(crate) const SERVER: u32 = 1417;
    pub(crate) const USER_MAPPING: u32 = 1418;
    pub(crate) const WRAPPER: u32 = 2328;
    pub(crate) const DEFAULT: u32 = 2604;
    pub(crate) const CAST: u32 = 2605;
    pub(crate) const CONSTRAINT: u32 = 2606;
    pub(crate) const SCHEMA: u32 = 2615;
    pub(crate) const OPERATOR: u32 = 2617;
    pub(crate) const RULE: u32 = 2618;
    pub(crate) const TRIGGER: u32 = 2620;
    pub(crate) const EXTENSION: u32 = 3079;
    pub(crate) const POLICY: u32 = 3256;
    pub(crate) const STATISTICS: u32 = 3381;
    pub(crate) const COLLATION: u32 = 3456;
    pub(crate) const EVENT_TRIGGER: u32 = 3466;
    pub(crate) const TEXT_SEARCH_DICTIONARY: u32 = 3600;
    pub(crate) const TEXT_SEARCH_PARSER: u32 = 3601;
    pub(crate) const TEXT_SEARCH_CONFIGURATION: u32 = 3602;
    pub(crate) const TEXT_SEARCH_TEMPLATE: u32 = 3764;
    pub(crate) const PUBLICATION: u32 = 6104;
    pub(crate) const PUBLICATION_TABLE: u32 = 6106;
    pub(crate) const PUBLICATION_SCHEMA: u32 = 6237;
}

/// The objects by their catalog and oid.
#[derive(Debug, Default)]
pub(super) struct Identities {
    objects: HashMap<(u32, u32), Id>,
    /// The names of columns.
    columns: HashMap<(u32, i32), Arc<str>>,
    /// Tables of all sorts: what depends on a column of these depends on no more than the column.
    tables: HashSet<u32>,
    members: HashSet<(u32, u32)>,
    schemas: HashMap<u32, Arc<str>>,
    /// What the objects of extensions are called; only their privileges are looked at.
    member_names: HashMap<(u32, u32), Id>,
}

impl Identities {
    pub(super) fn add(&mut self, class: u32, oid: u32, id: Id) {
        self.objects.insert((class, oid), id);
    }

    pub(super) fn add_schema(&mut self, oid: u32, name: &str) -> Arc<str> {
        let name: Arc<str> = name.into();
        self.schemas.insert(oid, name.clone());
        name
    }

    /// The schema of this oid, unless it is one of the server's own.
    pub(super) fn schema(&self, oid: u32) -> Option<Arc<str>> {
        self.schemas.get(&oid).cloned()
    }

    pub(super) fn add_table(&mut self, oid: u32) {
        self.tables.insert(oid);
    }

    pub(super) fn is_table(&self, oid: u32) -> bool {
        self.tables.contains(&oid)
    }

    pub(super) fn add_column(&mut self, relation: u32, number: i32, name: &str) {
        self.columns.insert((relation, number), name.into());
    }

    pub(super) fn column(&self, relation: u32, number: i32) -> Option<Id> {
        let owner = self.objects.get(&(class::RELATION, relation))?;
        let table = matches!(owner.kind, Kind::Relation | Kind::Type).then_some(&owner.name)?;
        Some(Id::column(table, self.columns.get(&(relation, number))?.clone()))
    }

    /// Says that an object belongs to an extension.
    pub(super) fn add_member(&mut self, class: u32, oid: u32, extension: Id) {
        self.members.insert((class, oid));
        self.objects.insert((class, oid), extension);
    }

    pub(super) fn name_member(&mut self, class: u32, oid: u32, id: Id) {
        self.member_names.insert((class, oid), id);
    }

    /// The extension that an object belongs to, and what that object is called.
    pub(super) fn member(&self, class: u32, oid: u32) -> Option<(&Id, &Id)> {
        self.objects.get(&(class, oid)).zip(self.member_names.get(&(class, oid)))
    }

    pub(super) fn is_member(&self, class: u32, oid: u32) -> bool {
        self.members.contains(&(class, oid))
    }

    /// The name of a table, view or sequence that no extension owns.
    pub(super) fn relation(&self, oid: u32) -> Option<&Name> {
        self.objects.get(&(class::RELATION, oid)).filter(|id| id.kind == Kind::Relation).map(|id| &id.name)
    }

    /// An object, without its column.
    pub(super) fn get(&self, class: u32, oid: u32) -> Option<&Id> {
        self.objects.get(&(class, oid))
    }

    /// An object, or the column of it that has this number; the columns of views are the view.
    pub(super) fn find(&self, class: u32, oid: u32, number: i32) -> Option<Id> {
        let id = self.objects.get(&(class, oid))?;
        if class == class::RELATION && number > 0 && id.kind == Kind::Relation && self.tables.contains(&oid) {
            return self.column(oid, number);
        }
        Some(id.clone())
    }

    /// What a comment is on, or privileges are for: here the columns of views are themselves.
    pub(super) fn side(&self, class: u32, oid: u32, number: i32, aspect: Aspect) -> Option<Id> {
        if self.is_member(class, oid) {
            return None;
        }
        let id = if class == class::RELATION && number > 0 {
            self.column(oid, number)?
        } else {
            self.objects.get(&(class, oid))?.clone()
        };
        (id.aspect == Aspect::Itself).then(|| id.aspect(aspect))
    }
}
