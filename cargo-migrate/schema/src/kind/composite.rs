//! Composite types.

use crate::context::Context;
use crate::kind::Definition;
use crate::kind::conversion;
use crate::name::Id;
use crate::quote::identifier;
use crate::statement::{Change, Statement};

/// A composite type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composite {
    /// Its attributes, in their order.
    pub attributes: Vec<Attribute>,
}

/// An attribute of a composite type, or a column of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its type, as SQL.
    pub ty: String,
    /// Its collation, as SQL, where it is not the type's.
    pub collation: Option<String>,
}

impl Attribute {
    fn sql(&self) -> String {
        let collation = self.collation.as_ref().map_or(String::new(), |name| format!(" COLLATE {name}"));
        format!("{} {}{collation}", identifier(&self.name), self.ty)
    }
}

impl Composite {
    /// Whether it has an attribute of this name and type.
    pub(crate) fn has(&self, name: &str, ty: &str, collation: Option<&String>) -> bool {
        self.find(name).is_some_and(|attribute| attribute.ty == ty && attribute.collation.as_ref() == collation)
    }

    /// Whether an attribute that stays gets another type.
    pub(crate) fn retypes(&self, desired: &Self) -> bool {
        self.attributes.iter().any(|now| desired.find(&now.name).is_some_and(|then| then.ty != now.ty))
    }

    /// Whether values of an attribute that stays do not become values of its new type by themselves.
    pub(crate) fn needs_casts(&self, desired: &Self) -> bool {
        let needs_cast = |now: &Attribute| {
            desired.find(&now.name).is_some_and(|then| conversion::using(&now.ty, &then.ty, "").is_some())
        };
        self.attributes.iter().any(needs_cast)
    }

    /// Whether both have attributes of the same names at the same places.
    pub(crate) fn has_places_of(&self, other: &Self) -> bool {
        self.attributes.iter().map(|attribute| &attribute.name).eq(other.attributes.iter().map(|other| &other.name))
    }

    fn find(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

impl Definition for Composite {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let attributes: Vec<_> = self.attributes.iter().map(|attribute| format!("\n    {}", attribute.sql())).collect();
        let end = if attributes.is_empty() { "" } else { "\n" };
        vec![Statement::whole(format!("CREATE TYPE {} AS ({}{end})", context.name(&id.name), attributes.join(",")))]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        let kept: Vec<_> = self.attributes.iter().filter(|now| desired.find(&now.name).is_some()).collect();
        // Attributes can only be appended; their order is part of the type.
        let stays_in_order = kept.iter().zip(&desired.attributes).all(|(now, then)| now.name == then.name);
        if !stays_in_order {
            return Change::Rebuild;
        }
        let head = format!("ALTER TYPE {}", context.name(&id.name));
        let mut statements = Vec::new();
        for now in &self.attributes {
            match desired.find(&now.name) {
                None => statements
                    .push(Statement::clause(&head, format!("DROP ATTRIBUTE {} CASCADE", identifier(&now.name)))),
                Some(then) if then != now => {
                    let collation = then.collation.as_ref().map_or(String::new(), |name| format!(" COLLATE {name}"));
                    let name = identifier(&now.name);
                    let clause = format!("ALTER ATTRIBUTE {name} SET DATA TYPE {}{collation} CASCADE", then.ty);
                    statements.push(Statement::clause(&head, clause));
                }
                Some(_) => {}
            }
        }
        for then in desired.attributes.iter().filter(|then| self.find(&then.name).is_none()) {
            statements.push(Statement::clause(&head, format!("ADD ATTRIBUTE {} CASCADE", then.sql())));
        }
        Change::of(statements)
    }
}
