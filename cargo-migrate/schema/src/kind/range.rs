//! Range types.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::Id;
use crate::statement::Statement;

/// A range type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// What is between the parentheses: `subtype = …`, one a line.
    pub parameters: Vec<(String, String)>,
}

impl Definition for Range {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let parameters: Vec<_> = self.parameters.iter().map(|(name, value)| format!("    {name} = {value}")).collect();
        let name = context.name(&id.name);
        vec![Statement::whole(format!("CREATE TYPE {name} AS RANGE (\n{}\n)", parameters.join(",\n")))]
    }
}
