//! Triggers, and the enabled state that rules and event triggers have in common with them.

use crate::context::Context;
use crate::expression::stable;
use crate::kind::Definition;
use crate::name::Id;
use crate::quote::identifier;
use crate::statement::{Change, Statement};

/// A trigger of a table or view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// The whole statement as Postgres prints it.
    pub definition: String,
    /// When it fires.
    pub enabled: Enabled,
}

/// In which sessions a trigger or rule fires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enabled {
    /// In those that change data of their own accord.
    #[default]
    Origin,
    /// In none.
    Disabled,
    /// In those that replay changes of another server.
    Replica,
    /// In all.
    Always,
}

impl Enabled {
    /// The state as the catalogs have it.
    #[must_use]
    pub fn of(letter: &str) -> Self {
        match letter {
            "D" => Self::Disabled,
            "R" => Self::Replica,
            "A" => Self::Always,
            _ => Self::Origin,
        }
    }

    /// The word before `TRIGGER` or `RULE`, with a blank between where there are two.
    pub(crate) fn keyword(self) -> &'static str {
        match self {
            Self::Origin => "ENABLE",
            Self::Disabled => "DISABLE",
            Self::Replica => "ENABLE REPLICA",
            Self::Always => "ENABLE ALWAYS",
        }
    }
}

impl Definition for Trigger {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let mut statements = vec![Statement::whole(layout(&stable(&self.definition)))];
        if self.enabled != Enabled::Origin {
            statements.push(self.switch(id, context));
        }
        statements
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self.definition != desired.definition {
            Change::Rebuild
        } else if self.enabled != desired.enabled {
            Change::Alter(vec![desired.switch(id, context)])
        } else {
            Change::Keep
        }
    }
}

impl Trigger {
    fn switch(&self, id: &Id, context: &Context<'_>) -> Statement {
        let clause = format!("{} TRIGGER {}", self.enabled.keyword(), identifier(&id.part));
        Statement::clause(format!("ALTER TABLE {}", context.name(&id.name)), clause)
    }
}

/// The clauses of a trigger on lines of their own: Postgres prints them all on one.
fn layout(definition: &str) -> String {
    let mut text = String::new();
    let mut quote = None;
    let mut depth = 0_u32;
    let mut rest = definition;
    while let Some(char) = rest.chars().next() {
        if quote.is_none() && depth == 0 {
            let clause = [" BEFORE ", " AFTER ", " INSTEAD OF ", " FOR EACH ", " WHEN (", " EXECUTE FUNCTION "];
            if let Some(clause) = clause.iter().find(|clause| rest.starts_with(**clause)) {
                text += "\n    ";
                text += clause.trim_start();
                depth += u32::from(clause.ends_with('('));
                rest = &rest[clause.len()..];
                continue;
            }
        }
        match char {
            '"' | '\'' if quote.is_none() => quote = Some(char),
            _ if quote == Some(char) => quote = None,
            '(' if quote.is_none() => depth += 1,
            ')' if quote.is_none() => depth = depth.saturating_sub(1),
            _ => {}
        }
        text.push(char);
        rest = &rest[char.len_utf8()..];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::layout;

    #[test]
    fn each_clause_is_on_its_own_line_but_not_within_quotes() {
        let definition = "CREATE TRIGGER \"t BEFORE x\" BEFORE UPDATE ON a FOR EACH ROW WHEN ((old.b <> ' AFTER ')) \
                          EXECUTE FUNCTION f(' WHEN (')";
        assert_eq!(
            layout(definition),
            "CREATE TRIGGER \"t BEFORE x\"\n    BEFORE UPDATE ON a\n    FOR EACH ROW\n    WHEN ((old.b <> ' AFTER '))\n    \
             EXECUTE FUNCTION f(' WHEN (')"
        );
    }
}
