//! Marks that a table has on one of its indexes: how it was clustered, and what identifies its rows to replicas.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::{Id, Name};
use crate::quote::identifier;
use crate::statement::{Change, Statement};

/// The index by which a table was clustered last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// The name of the index.
    pub index: Name,
    /// The index, or the constraint that owns it.
    pub object: Id,
}

/// What identifies a row of a table to replicas, where it is not the primary key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicaIdentity {
    /// Nothing does.
    Nothing,
    /// The whole row.
    Full,
    /// The columns of an index.
    Index {
        /// The name of the index.
        index: Name,
        /// The index, or the constraint that owns it.
        object: Id,
    },
}

impl Definition for Cluster {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let clause = format!("CLUSTER ON {}", identifier(&self.index.name));
        vec![Statement::clause(context.alter(&id.name), clause)]
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![Statement::clause(context.alter(&id.name), "SET WITHOUT CLUSTER")]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self == desired { Change::Keep } else { Change::Alter(desired.create(id, context)) }
    }
}

impl Definition for ReplicaIdentity {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let identity = match self {
            Self::Nothing => "NOTHING".to_owned(),
            Self::Full => "FULL".to_owned(),
            Self::Index { index, .. } => format!("USING INDEX {}", identifier(&index.name)),
        };
        vec![Statement::clause(context.alter(&id.name), format!("REPLICA IDENTITY {identity}"))]
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![Statement::clause(context.alter(&id.name), "REPLICA IDENTITY DEFAULT")]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self == desired { Change::Keep } else { Change::Alter(desired.create(id, context)) }
    }
}
