//! Identity columns, and the sequences that number their rows.

use crate::context::Context;
use crate::kind::sequence::SequenceOptions;
use crate::name::{Id, Name};
use crate::quote::identifier;
use crate::statement::Statement;

/// How an identity column numbers the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `GENERATED ALWAYS`, and not `BY DEFAULT`.
    pub is_always: bool,
    /// Its sequence.
    pub sequence: Name,
    /// How that counts.
    pub options: SequenceOptions,
    /// Whether it is lost in a crash.
    pub is_unlogged: bool,
}

impl Identity {
    pub(super) fn clause(&self, id: &Id, context: &Context<'_>) -> String {
        let always = if self.is_always { "ALWAYS" } else { "BY DEFAULT" };
        let mut options = Vec::new();
        if self.sequence != serial_name(&id.name, &id.part) {
            options.push(format!("SEQUENCE NAME {}", context.name(&self.sequence)));
        }
        // The type of the sequence is that of the column.
        options.extend(self.options.clauses(&self.options.ty));
        let options = if options.is_empty() { String::new() } else { format!(" ({})", options.join(" ")) };
        format!("GENERATED {always} AS IDENTITY{options}")
    }

    pub(super) fn always_clause(&self, desired: &Self) -> Option<String> {
        let always = if desired.is_always { "ALWAYS" } else { "BY DEFAULT" };
        (self.is_always != desired.is_always).then(|| format!("SET GENERATED {always}"))
    }

    pub(super) fn option_clause(&self, desired: &Self) -> Option<String> {
        // The type follows that of the column.
        let mut now = self.options.clone();
        now.ty.clone_from(&desired.options.ty);
        let changes: Vec<_> = now.changes(&desired.options).iter().map(|change| format!("SET {change}")).collect();
        (!changes.is_empty()).then(|| changes.join(" "))
    }

    /// What is changed of the sequence itself.
    pub(super) fn sequence_changes(&self, desired: &Self, context: &Context<'_>) -> Vec<Statement> {
        let mut statements = Vec::new();
        if self.sequence != desired.sequence {
            let (sequence, new) = (context.name(&self.sequence), identifier(&desired.sequence.name));
            statements.push(Statement::whole(format!("ALTER SEQUENCE {sequence} RENAME TO {new}")));
        }
        if self.is_unlogged != desired.is_unlogged {
            let logged = if desired.is_unlogged { "UNLOGGED" } else { "LOGGED" };
            let sequence = context.name(&desired.sequence);
            statements.push(Statement::whole(format!("ALTER SEQUENCE {sequence} SET {logged}")));
        }
        statements
    }
}

/// The name of the sequence that `serial` and `GENERATED … AS IDENTITY` make, unless it is taken or too long.
pub(super) fn serial_name(table: &Name, column: &str) -> Name {
    Name::new(table.schema.clone(), format!("{}_{column}_seq", table.name))
}
