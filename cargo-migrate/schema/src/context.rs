//! What rendering one object needs to know of the others: the two catalogs, and how names are written.

use crate::catalog::Catalog;
use crate::diff::Options;
use crate::name::{Aspect, Id, Kind, Name};
use crate::object::Object;
use crate::quote::{DEFAULT_SCHEMA, identifier, qualified};

use std::collections::BTreeSet;

/// The two catalogs between which a difference is taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'catalog> {
    pub(crate) current: &'catalog Catalog,
    pub(crate) desired: &'catalog Catalog,
    /// What is made now, anew or for the first time; empty while that is not decided.
    pub(crate) made: &'catalog BTreeSet<Id>,
    pub(crate) options: &'catalog Options,
}

impl<'catalog> Context<'catalog> {
    /// The name as it is written: without the default schema, unless something of Postgres would hide it.
    pub(crate) fn name(&self, name: &Name) -> String {
        let is_default = &*name.schema == DEFAULT_SCHEMA;
        if is_default && !self.current.hidden.contains(name) && !self.desired.hidden.contains(name) {
            identifier(&name.name).into_owned()
        } else {
            qualified(name)
        }
    }

    /// What a side of an object that is made shall be: where owners or privileges are not compared, an object that is
    /// made anew gets back those it has.
    pub(crate) fn wanted(&self, id: &Id) -> Option<&'catalog Object> {
        let is_compared = match id.aspect {
            Aspect::Owner => self.options.owners,
            Aspect::Privileges => self.options.privileges,
            _ => true,
        };
        if is_compared { self.desired.get(id) } else { self.current.get(id) }
    }

    /// Whether the object is made now.
    pub(crate) fn is_made(&self, id: &Id) -> bool {
        self.made.contains(id)
    }

    /// The object as it is on either side, as it is desired first.
    pub(crate) fn either(&self, id: &Id) -> Option<&'catalog Object> {
        self.desired.get(id).or_else(|| self.current.get(id))
    }

    /// The start of a statement that alters this table, view or whatever has columns.
    pub(crate) fn alter(&self, relation: &Name) -> String {
        let keyword = match self.either(&Id::relation(relation)) {
            Some(object) => object.keyword(),
            None => "TABLE",
        };
        format!("ALTER {keyword} {}", self.name(relation))
    }

    /// The tables that this one inherits from, or is a partition of, on both sides and in between.
    pub(crate) fn lasting_parents(&self, table: &Name) -> Vec<&'catalog Name> {
        let before = self.current.parents(table);
        let lasts = |parent: &&Name| before.contains(parent) && !self.is_made(&Id::attachment(table, parent));
        self.desired.parents(table).into_iter().filter(lasts).collect()
    }

    /// The index or constraint of the table above of whose index that of this one is a part now and stays one.
    pub(crate) fn index_above(&self, id: &Id) -> Option<Id> {
        let (table, above) = match self.current.get(id)? {
            Object::Index(index) => (&index.table, index.attached_to.as_ref()?),
            Object::Constraint(constraint) => (&id.name, constraint.attached_to.as_ref()?),
            _ => return None,
        };
        self.lasting_parents(table).into_iter().find_map(|parent| {
            let owners =
                [Id::new(Kind::Index, above.clone()), Id::part(Kind::Constraint, parent.clone(), above.name.clone())];
            owners.into_iter().find(|owner| self.current.contains(owner))
        })
    }

    /// How the object is called in `DROP`, `COMMENT ON` and `ALTER … OWNER`: its kind and its name.
    pub(crate) fn phrase(&self, id: &Id, object: Option<&Object>) -> String {
        let name = self.name(&id.name);
        let part = identifier(&id.part);
        match id.kind {
            Kind::Column => format!("COLUMN {name}.{part}"),
            Kind::Constraint => format!("CONSTRAINT {part} ON {name}"),
            Kind::DomainConstraint => format!("CONSTRAINT {part} ON DOMAIN {name}"),
            Kind::Trigger => format!("TRIGGER {part} ON {name}"),
            Kind::Policy => format!("POLICY {part} ON {name}"),
            Kind::Rule => format!("RULE {part} ON {name}"),
            Kind::Cast => format!("CAST ({})", id.part),
            Kind::OperatorClass => format!("OPERATOR CLASS {name} USING {part}"),
            Kind::OperatorFamily => format!("OPERATOR FAMILY {name} USING {part}"),
            // Always with its schema: Postgres has operators of most names.
            Kind::Operator => {
                format!("OPERATOR {}.{} ({})", identifier(&id.name.schema), id.name.name, id.part)
            }
            Kind::Routine => {
                let keyword = object.map_or("FUNCTION", Object::keyword);
                format!("{keyword} {name}({})", id.part)
            }
            _ => format!("{} {name}", object.map_or("TABLE", Object::keyword)),
        }
    }
}
