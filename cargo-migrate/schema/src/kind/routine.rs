//! Functions and procedures.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::Id;
use crate::statement::{Change, Statement};

/// A function or procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routine {
    /// Whether it is called with `CALL`.
    pub is_procedure: bool,
    /// The definition from the parenthesis of the arguments on, as Postgres prints it.
    pub definition: String,
    /// What `CREATE OR REPLACE` must leave as it is: names and modes of the arguments, and the result.
    pub signature: String,
    /// How many arguments have a default.
    pub n_defaults: i32,
    /// The language.
    pub language: String,
}

impl Definition for Routine {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![self.statement("CREATE", id, context)]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self == desired {
            return Change::Keep;
        }
        let is_replaceable = self.is_procedure == desired.is_procedure
            && self.signature == desired.signature
            && self.n_defaults <= desired.n_defaults;
        if !is_replaceable {
            return Change::Rebuild;
        }
        Change::Alter(vec![desired.statement("CREATE OR REPLACE", id, context)])
    }
}

impl Routine {
    fn statement(&self, verb: &str, id: &Id, context: &Context<'_>) -> Statement {
        let keyword = if self.is_procedure { "PROCEDURE" } else { "FUNCTION" };
        Statement::whole(format!("{verb} {keyword} {}{}", context.name(&id.name), self.definition.trim_end()))
    }

    /// Whether the server looks into the body when the routine is made.
    pub(crate) fn is_checked(&self) -> bool {
        matches!(self.language.as_str(), "sql" | "plpgsql")
    }
}
