//! Casts.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::Id;
use crate::statement::Statement;

/// A cast; which types it is between is its identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cast {
    /// `WITH FUNCTION f(a)`, `WITH INOUT` or `WITHOUT FUNCTION`.
    pub method: String,
    /// `AS ASSIGNMENT` or `AS IMPLICIT`; nothing for a cast that has to be written.
    pub context: Option<String>,
}

impl Definition for Cast {
    fn create(&self, id: &Id, _context: &Context<'_>) -> Vec<Statement> {
        let mut text = format!("CREATE CAST ({})\n    {}", id.part, self.method);
        if let Some(context) = &self.context {
            text += &format!("\n    {context}");
        }
        vec![Statement::whole(text)]
    }
}
