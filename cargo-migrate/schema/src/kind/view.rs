//! Views and materialized views.

use crate::context::Context;
use crate::expression::stable;
use crate::kind::Definition;
use crate::kind::composite::Attribute;
use crate::kind::storage::{Parameters, moves};
use crate::name::Id;
use crate::quote::identifier;
use crate::statement::{Change, Statement};

/// A view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The query as Postgres prints it, without a semicolon.
    pub query: String,
    /// Options: `check_option`, `security_barrier`, `security_invoker`.
    pub parameters: Parameters,
    /// Its columns, in their order.
    pub columns: Vec<Attribute>,
}

/// A materialized view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaterializedView {
    /// The query as Postgres prints it, without a semicolon.
    pub query: String,
    /// Storage parameters.
    pub parameters: Parameters,
    /// The access method, where it is not `heap`.
    pub access_method: Option<String>,
    /// The tablespace, where it is not the database's.
    pub tablespace: Option<String>,
    /// Statistics targets and the like of its columns, as clauses of `ALTER COLUMN`.
    pub settings: Vec<String>,
    /// Whether it can be read.
    pub is_populated: bool,
}

impl Definition for View {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![self.statement("CREATE", id, context)]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self.query != desired.query {
            // Columns may only be added at the end: `CREATE OR REPLACE VIEW` allows no more.
            if !desired.columns.starts_with(&self.columns) {
                return Change::Rebuild;
            }
            return Change::Alter(vec![desired.statement("CREATE OR REPLACE", id, context)]);
        }
        let name = context.name(&id.name);
        let changes = self.parameters.changes(&desired.parameters);
        Change::of(changes.into_iter().map(|change| Statement::whole(format!("ALTER VIEW {name} {change}"))).collect())
    }
}

impl View {
    fn statement(&self, verb: &str, id: &Id, context: &Context<'_>) -> Statement {
        let mut text = format!("{verb} VIEW {}", context.name(&id.name));
        if !self.parameters.is_empty() {
            text += &format!(" WITH ({})", self.parameters.list());
        }
        Statement::whole(format!("{text} AS\n{}", stable(&self.query)))
    }
}

impl Definition for MaterializedView {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let name = context.name(&id.name);
        let mut text = format!("CREATE MATERIALIZED VIEW {name}");
        if let Some(method) = &self.access_method {
            text += &format!("\nUSING {}", identifier(method));
        }
        if !self.parameters.is_empty() {
            text += &format!("\nWITH ({})", self.parameters.list());
        }
        if let Some(tablespace) = &self.tablespace {
            text += &format!("\nTABLESPACE {}", identifier(tablespace));
        }
        let data = if self.is_populated { "" } else { "\nWITH NO DATA" };
        let mut statements = vec![Statement::whole(format!("{text} AS\n{}{data}", stable(&self.query)))];
        let settings = self.settings.iter();
        statements
            .extend(settings.map(|setting| Statement::whole(format!("ALTER MATERIALIZED VIEW {name} {setting}"))));
        statements
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self.query != desired.query || self.settings != desired.settings {
            return Change::Rebuild;
        }
        let mut clauses = Vec::new();
        clauses.extend(moves([&self.access_method, &desired.access_method], [&self.tablespace, &desired.tablespace]));
        clauses.extend(self.parameters.changes(&desired.parameters));
        let head = format!("ALTER MATERIALIZED VIEW {}", context.name(&id.name));
        Change::of(clauses.into_iter().map(|clause| Statement::clause(&head, clause)).collect())
    }
}
