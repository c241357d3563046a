//! Extensions.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::Id;
use crate::quote::{DEFAULT_SCHEMA, identifier, literal};
use crate::statement::{Change, Statement};

/// An extension; its objects are its own business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The schema of its objects.
    pub schema: String,
    /// The installed version.
    pub version: String,
    /// Whether `ALTER EXTENSION … SET SCHEMA` may move its objects.
    pub is_relocatable: bool,
}

impl Definition for Extension {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let name = context.name(&id.name);
        // An extension that names its schema itself makes it, and is its only content then.
        let schema = match self.schema.as_str() {
            DEFAULT_SCHEMA | "pg_catalog" => String::new(),
            schema => format!(" WITH SCHEMA {}", identifier(schema)),
        };
        vec![Statement::whole(format!("CREATE EXTENSION {name}{schema}"))]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        let head = format!("ALTER EXTENSION {}", context.name(&id.name));
        let mut statements = Vec::new();
        if self.version != desired.version && is_newer(&self.version, &desired.version) {
            return Change::Report(format!("version {} cannot become {}", self.version, desired.version));
        }
        if self.version != desired.version {
            statements.push(Statement::whole(format!("{head} UPDATE TO {}", literal(&desired.version))));
        }
        if self.schema != desired.schema {
            if !self.is_relocatable {
                return Change::Rebuild;
            }
            statements.push(Statement::whole(format!("{head} SET SCHEMA {}", identifier(&desired.schema))));
        }
        Change::of(statements)
    }
}

/// Whether a version is later than another, by their numbers.
fn is_newer(one: &str, other: &str) -> bool {
    let numbers = |text: &str| text.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u64>>();
    numbers(one) > numbers(other)
}
