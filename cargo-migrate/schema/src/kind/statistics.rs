//! Extended statistics.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::{Id, Name};
use crate::statement::{Change, Statement};

/// A statistics object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// The table.
    pub table: Name,
    /// The whole statement as Postgres prints it.
    pub definition: String,
    /// The statistics target, where it is not the default.
    pub target: Option<i32>,
}

impl Definition for Statistics {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let mut statements = vec![Statement::whole(self.definition.clone())];
        if self.target.is_some() {
            statements.push(self.aim(id, context));
        }
        statements
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self.definition != desired.definition || self.table != desired.table {
            Change::Rebuild
        } else if self.target != desired.target {
            Change::Alter(vec![desired.aim(id, context)])
        } else {
            Change::Keep
        }
    }
}

impl Statistics {
    fn aim(&self, id: &Id, context: &Context<'_>) -> Statement {
        let target = self.target.unwrap_or(-1);
        Statement::whole(format!("ALTER STATISTICS {} SET STATISTICS {target}", context.name(&id.name)))
    }
}
