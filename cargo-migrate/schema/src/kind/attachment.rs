//! Partitions and inheritance: that a table belongs to another.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::{Id, Name};
use crate::statement::Statement;

/// A table is a partition of another, or inherits from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The table above.
    pub parent: Name,
    /// The bounds of the partition (`FOR VALUES …`); nothing for inheritance.
    pub bound: Option<String>,
    /// Which of the tables above it is.
    pub position: i32,
}

impl Definition for Attachment {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let (child, parent) = (context.name(&id.name), context.name(&self.parent));
        match &self.bound {
            Some(bound) => {
                vec![Statement::whole(format!("ALTER TABLE {parent}\n    ATTACH PARTITION {child} {bound}"))]
            }
            None => vec![Statement::clause(context.alter(&id.name), format!("INHERIT {parent}"))],
        }
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let (child, parent) = (context.name(&id.name), context.name(&self.parent));
        match &self.bound {
            Some(_) => vec![Statement::whole(format!("ALTER TABLE {parent}\n    DETACH PARTITION {child}"))],
            None => vec![Statement::clause(context.alter(&id.name), format!("NO INHERIT {parent}"))],
        }
    }
}
