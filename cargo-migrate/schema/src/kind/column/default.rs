//! Defaults of columns: objects of their own, as other objects depend on them and they on others.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::Id;
use crate::quote::identifier;
use crate::statement::{Change, Statement};

/// The default of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Default {
    /// The expression.
    pub expression: String,
}

impl Definition for Default {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![self.clause(id, &format!("SET DEFAULT {}", self.expression), context)]
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![self.clause(id, "DROP DEFAULT", context)]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self == desired { Change::Keep } else { Change::Alter(desired.create(id, context)) }
    }
}

impl Default {
    fn clause(&self, id: &Id, action: &str, context: &Context<'_>) -> Statement {
        let clause = format!("ALTER COLUMN {} {action}", identifier(&id.part));
        Statement::clause(context.alter(&id.name), clause)
    }
}
