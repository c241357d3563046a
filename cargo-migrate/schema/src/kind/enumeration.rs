//! Enums.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::Id;
use crate::quote::literal;
use crate::statement::{Change, Statement};

/// An enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enum {
    /// Its values, in their order.
    pub labels: Vec<String>,
}

impl Enum {
    /// The values that are not in the other.
    pub(crate) fn without<'a>(&'a self, other: &Self) -> Vec<&'a str> {
        self.labels.iter().filter(|label| !other.labels.contains(label)).map(String::as_str).collect()
    }
}

impl Definition for Enum {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let name = context.name(&id.name);
        let labels: Vec<_> = self.labels.iter().map(|label| format!("\n    {}", literal(label))).collect();
        let end = if labels.is_empty() { "" } else { "\n" };
        vec![Statement::whole(format!("CREATE TYPE {name} AS ENUM ({}{end})", labels.join(",")))]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        let kept: Vec<_> = desired.labels.iter().filter(|label| self.labels.contains(label)).collect();
        if kept.len() != self.labels.len() || kept.iter().zip(&self.labels).any(|(a, b)| **a != *b) {
            return Change::Rebuild;
        }
        let name = context.name(&id.name);
        let mut statements = Vec::new();
        for (index, label) in desired.labels.iter().enumerate() {
            if self.labels.contains(label) {
                continue;
            }
            // What stands before it is there by now; what comes after the last value needs no place.
            let is_last = desired.labels[index + 1..].iter().all(|after| !self.labels.contains(after));
            let place = match index.checked_sub(1) {
                _ if is_last => String::new(),
                Some(before) => format!(" AFTER {}", literal(&desired.labels[before])),
                None => self.labels.first().map_or(String::new(), |first| format!(" BEFORE {}", literal(first))),
            };
            statements.push(Statement::whole(format!("ALTER TYPE {name} ADD VALUE {}{place}", literal(label))));
        }
        Change::of(statements)
    }
}
