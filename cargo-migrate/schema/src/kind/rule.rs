//! Rules, but for those that make a relation a view.

use crate::context::Context;
use crate::expression::stable;
use crate::kind::Definition;
use crate::kind::trigger::Enabled;
use crate::name::Id;
use crate::quote::identifier;
use crate::statement::{Change, Statement};

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The whole statement as Postgres prints it, without a semicolon.
    pub definition: String,
    /// When it holds.
    pub enabled: Enabled,
}

impl Definition for Rule {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let mut statements = vec![Statement::whole(stable(&self.definition))];
        if self.enabled != Enabled::Origin {
            statements.push(self.switch(id, context));
        }
        statements
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        let mut statements = Vec::new();
        if self.definition != desired.definition {
            let replace = desired.definition.replacen("CREATE RULE", "CREATE OR REPLACE RULE", 1);
            statements.push(Statement::whole(stable(&replace)));
        }
        // A rule that is replaced keeps its state.
        if self.enabled != desired.enabled {
            statements.push(desired.switch(id, context));
        }
        Change::of(statements)
    }
}

impl Rule {
    fn switch(&self, id: &Id, context: &Context<'_>) -> Statement {
        let clause = format!("{} RULE {}", self.enabled.keyword(), identifier(&id.part));
        Statement::clause(format!("ALTER TABLE {}", context.name(&id.name)), clause)
    }
}
