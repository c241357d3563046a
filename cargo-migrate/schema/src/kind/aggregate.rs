//! Aggregates.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::Id;
use crate::statement::Statement;

/// An aggregate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// The arguments, with their names.
    pub arguments: String,
    /// `SFUNC`, `STYPE` and so on, in the order of the documentation; what is a flag has no value.
    pub parameters: Vec<(String, String)>,
}

impl Definition for Aggregate {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let name = context.name(&id.name);
        let parameters: Vec<_> = self
            .parameters
            .iter()
            .map(|(name, value)| if value.is_empty() { format!("    {name}") } else { format!("    {name} = {value}") })
            .collect();
        vec![Statement::whole(format!("CREATE AGGREGATE {name}({}) (\n{}\n)", self.arguments, parameters.join(",\n")))]
    }
}
