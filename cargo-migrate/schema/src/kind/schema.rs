//! Schemas.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::Id;
use crate::statement::Statement;

/// A schema; all there is to it is its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema;

impl Definition for Schema {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![Statement::whole(format!("CREATE SCHEMA {}", context.name(&id.name)))]
    }
}
