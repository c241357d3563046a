//! Foreign data: wrappers, servers and user mappings.

use crate::context::Context;
use crate::kind::Definition;
use crate::kind::storage::Parameters;
use crate::name::Id;
use crate::quote::{identifier, literal};
use crate::statement::{Change, Statement};

/// A foreign data wrapper that no extension owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignDataWrapper {
    /// The handler, as SQL.
    pub handler: Option<String>,
    /// The validator, as SQL.
    pub validator: Option<String>,
    /// Its options.
    pub options: Parameters,
}

/// A foreign server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The wrapper.
    pub wrapper: String,
    /// Its type.
    pub ty: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Its options.
    pub options: Parameters,
}

/// How a role logs in to a foreign server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserMapping {
    /// Its options.
    pub options: Parameters,
}

impl Definition for ForeignDataWrapper {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let mut text = format!("CREATE FOREIGN DATA WRAPPER {}", context.name(&id.name));
        if let Some(handler) = &self.handler {
            text += &format!("\n    HANDLER {handler}");
        }
        if let Some(validator) = &self.validator {
            text += &format!("\n    VALIDATOR {validator}");
        }
        vec![Statement::whole(text + &own_line(&self.options))]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        let mut text = String::new();
        for (word, now, then) in
            [("HANDLER", &self.handler, &desired.handler), ("VALIDATOR", &self.validator, &desired.validator)]
        {
            match then {
                Some(function) if now != then => text += &format!(" {word} {function}"),
                None if now.is_some() => text += &format!(" NO {word}"),
                _ => {}
            }
        }
        if let Some(options) = self.options.foreign_changes(&desired.options) {
            text += &format!(" {options}");
        }
        altered(&context.phrase(id, context.current.get(id)), &text)
    }
}

impl Definition for Server {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let mut text = format!("CREATE SERVER {}", context.name(&id.name));
        if let Some(ty) = &self.ty {
            text += &format!(" TYPE {}", literal(ty));
        }
        if let Some(version) = &self.version {
            text += &format!(" VERSION {}", literal(version));
        }
        text += &format!("\n    FOREIGN DATA WRAPPER {}", identifier(&self.wrapper));
        vec![Statement::whole(text + &own_line(&self.options))]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self.wrapper != desired.wrapper || self.ty != desired.ty {
            return Change::Rebuild;
        }
        let mut text = String::new();
        if self.version != desired.version {
            let version = desired.version.as_deref().map_or("NULL".to_owned(), literal);
            text += &format!(" VERSION {version}");
        }
        if let Some(options) = self.options.foreign_changes(&desired.options) {
            text += &format!(" {options}");
        }
        altered(&format!("SERVER {}", context.name(&id.name)), &text)
    }
}

impl Definition for UserMapping {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        let text = format!("CREATE USER MAPPING FOR {}{}", mapping(id, context), own_line(&self.options));
        vec![Statement::whole(text)]
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![Statement::whole(format!("DROP USER MAPPING FOR {}", mapping(id, context)))]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        let options = self.options.foreign_changes(&desired.options).map_or(String::new(), |text| format!(" {text}"));
        altered(&format!("USER MAPPING FOR {}", mapping(id, context)), &options)
    }
}

fn mapping(id: &Id, context: &Context<'_>) -> String {
    let user = if id.part.is_empty() { "PUBLIC".into() } else { identifier(&id.part) };
    format!("{user} SERVER {}", context.name(&id.name))
}

fn own_line(options: &Parameters) -> String {
    options.foreign().replacen(' ', "\n    ", 1)
}

fn altered(phrase: &str, changes: &str) -> Change {
    if changes.is_empty() {
        return Change::Keep;
    }
    Change::Alter(vec![Statement::whole(format!("ALTER {phrase}{changes}"))])
}
