//! Domains; their constraints are objects of their own.

use crate::context::Context;
use crate::expression::stable;
use crate::kind::Definition;
use crate::name::Id;
use crate::quote::identifier;
use crate::statement::{Change, Statement};

/// A domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// The type below it.
    pub base: String,
    /// The collation, as SQL, where it is not the type's.
    pub collation: Option<String>,
    /// Whether null is excluded.
    pub is_not_null: bool,
    /// The default expression.
    pub default: Option<String>,
}

/// A check of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainConstraint {
    /// `CHECK (…)`, with `NOT VALID` where it is not validated.
    pub definition: String,
    /// Whether what is stored was checked.
    pub is_validated: bool,
}

impl Definition for Domain {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![Statement::whole(self.statement(&context.name(&id.name), &[]))]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self.base != desired.base || self.collation != desired.collation {
            return Change::Rebuild;
        }
        let head = format!("ALTER DOMAIN {}", context.name(&id.name));
        let mut statements = Vec::new();
        if self.default != desired.default {
            statements.push(Statement::whole(match &desired.default {
                Some(default) => format!("{head} SET DEFAULT {default}"),
                None => format!("{head} DROP DEFAULT"),
            }));
        }
        if self.is_not_null != desired.is_not_null {
            let verb = if desired.is_not_null { "SET" } else { "DROP" };
            statements.push(Statement::whole(format!("{head} {verb} NOT NULL")));
        }
        Change::of(statements)
    }
}

impl Domain {
    /// The statement that makes it, with these constraints in it.
    pub(crate) fn statement(&self, name: &str, constraints: &[(&Id, &DomainConstraint)]) -> String {
        let mut text = format!("CREATE DOMAIN {name} AS {}", self.base);
        if let Some(collation) = &self.collation {
            text += &format!("\n    COLLATE {collation}");
        }
        if let Some(default) = &self.default {
            text += &format!("\n    DEFAULT {default}");
        }
        if self.is_not_null {
            text += "\n    NOT NULL";
        }
        for (id, constraint) in constraints {
            text += &format!("\n    CONSTRAINT {} {}", identifier(&id.part), stable(&constraint.definition));
        }
        text
    }
}

impl Definition for DomainConstraint {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let (domain, name) = (context.name(&id.name), identifier(&id.part));
        let definition = stable(&self.definition);
        vec![Statement::whole(format!("ALTER DOMAIN {domain}\n    ADD CONSTRAINT {name} {definition}"))]
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let (domain, name) = (context.name(&id.name), identifier(&id.part));
        vec![Statement::whole(format!("ALTER DOMAIN {domain} DROP CONSTRAINT {name}"))]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        let validated = self.definition.trim_end_matches(" NOT VALID") == desired.definition;
        if self == desired {
            Change::Keep
        } else if validated {
            let (domain, name) = (context.name(&id.name), identifier(&id.part));
            Change::Alter(vec![Statement::whole(format!("ALTER DOMAIN {domain} VALIDATE CONSTRAINT {name}"))])
        } else {
            Change::Rebuild
        }
    }
}
