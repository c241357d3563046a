//! Policies.

use crate::context::Context;
use crate::expression::stable;
use crate::kind::Definition;
use crate::name::Id;
use crate::quote::identifier;
use crate::statement::{Change, Statement};

/// A policy of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether it adds to what is allowed, or restricts it.
    pub is_permissive: bool,
    /// `ALL`, `SELECT`, `INSERT`, `UPDATE` or `DELETE`.
    pub command: String,
    /// Whom it concerns; empty for everybody.
    pub roles: Vec<String>,
    /// Which rows are seen.
    pub using: Option<String>,
    /// Which rows may be written.
    pub check: Option<String>,
}

impl Definition for Policy {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let mut text = format!("CREATE POLICY {} ON {}", identifier(&id.part), context.name(&id.name));
        if !self.is_permissive {
            text += "\n    AS RESTRICTIVE";
        }
        if self.command != "ALL" {
            text += &format!("\n    FOR {}", self.command);
        }
        if !self.roles.is_empty() {
            text += &format!("\n    TO {}", self.role_list());
        }
        if let Some(using) = &self.using {
            text += &format!("\n    USING ({})", stable(using));
        }
        if let Some(check) = &self.check {
            text += &format!("\n    WITH CHECK ({})", stable(check));
        }
        vec![Statement::whole(text)]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        let loses_expression =
            (self.using.is_some() && desired.using.is_none()) || (self.check.is_some() && desired.check.is_none());
        if self.is_permissive != desired.is_permissive || self.command != desired.command || loses_expression {
            return Change::Rebuild;
        }
        let mut text = String::new();
        if self.roles != desired.roles {
            text += &format!("\n    TO {}", desired.role_list());
        }
        if let Some(using) = desired.using.as_ref().filter(|_| self.using != desired.using) {
            text += &format!("\n    USING ({})", stable(using));
        }
        if let Some(check) = desired.check.as_ref().filter(|_| self.check != desired.check) {
            text += &format!("\n    WITH CHECK ({})", stable(check));
        }
        if text.is_empty() {
            return Change::Keep;
        }
        let head = format!("ALTER POLICY {} ON {}", identifier(&id.part), context.name(&id.name));
        Change::Alter(vec![Statement::whole(head + &text)])
    }
}

impl Policy {
    fn role_list(&self) -> String {
        if self.roles.is_empty() {
            return "PUBLIC".to_owned();
        }
        crate::quote::identifiers(self.roles.iter().map(String::as_str))
    }
}
