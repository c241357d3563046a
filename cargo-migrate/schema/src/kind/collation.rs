//! Collations.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::Id;
use crate::statement::Statement;

/// A collation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collation {
    /// `provider`, `locale` and so on.
    pub parameters: Vec<(String, String)>,
}

impl Definition for Collation {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let parameters: Vec<_> = self.parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let name = context.name(&id.name);
        vec![Statement::whole(format!("CREATE COLLATION {name} ({})", parameters.join(", ")))]
    }
}
