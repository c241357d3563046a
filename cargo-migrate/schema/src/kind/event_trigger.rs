//! Event triggers.

use crate::context::Context;
use crate::kind::Definition;
use crate::kind::trigger::Enabled;
use crate::name::Id;
use crate::quote::literal;
use crate::statement::{Change, Statement};

/// An event trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTrigger {
    /// The event.
    pub event: String,
    /// The commands it is for; empty for all.
    pub tags: Vec<String>,
    /// The function, as SQL.
    pub function: String,
    /// When it fires.
    pub enabled: Enabled,
}

impl Definition for EventTrigger {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let mut text = format!("CREATE EVENT TRIGGER {} ON {}", context.name(&id.name), self.event);
        if !self.tags.is_empty() {
            let tags: Vec<_> = self.tags.iter().map(|tag| literal(tag)).collect();
            text += &format!("\n    WHEN TAG IN ({})", tags.join(", "));
        }
        text += &format!("\n    EXECUTE FUNCTION {}()", self.function);
        let mut statements = vec![Statement::whole(text)];
        if self.enabled != Enabled::Origin {
            statements.push(self.switch(id, context));
        }
        statements
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self == desired {
            Change::Keep
        } else if *self == (Self { enabled: self.enabled, ..desired.clone() }) {
            Change::Alter(vec![desired.switch(id, context)])
        } else {
            Change::Rebuild
        }
    }
}

impl EventTrigger {
    fn switch(&self, id: &Id, context: &Context<'_>) -> Statement {
        Statement::whole(format!("ALTER EVENT TRIGGER {} {}", context.name(&id.name), self.enabled.keyword()))
    }
}
