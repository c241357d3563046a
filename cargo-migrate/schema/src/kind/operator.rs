//! Operators.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::Id;
use crate::quote::{DEFAULT_SCHEMA, identifier};
use crate::statement::Statement;

/// An operator; its arguments are its identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// `FUNCTION`, `LEFTARG` and so on; what is a flag has no value.
    pub parameters: Vec<(String, String)>,
}

impl Definition for Operator {
    fn create(&self, id: &Id, _context: &Context<'_>) -> Vec<Statement> {
        let schema = match &*id.name.schema {
            DEFAULT_SCHEMA => String::new(),
            schema => format!("{}.", identifier(schema)),
        };
        let parameters: Vec<_> = self
            .parameters
            .iter()
            .map(|(name, value)| if value.is_empty() { format!("    {name}") } else { format!("    {name} = {value}") })
            .collect();
        vec![Statement::whole(format!("CREATE OPERATOR {schema}{} (\n{}\n)", id.name.name, parameters.join(",\n")))]
    }
}
