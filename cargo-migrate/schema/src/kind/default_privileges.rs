//! Default privileges: what objects are born with.

use crate::context::Context;
use crate::kind::Definition;
use crate::kind::privileges::{Class, Privileges, Target};
use crate::name::Id;
use crate::quote::identifier;
use crate::statement::{Change, Statement};

/// What objects of a sort are born with that a role makes, in one schema or anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultPrivileges {
    /// The privileges.
    pub privileges: Privileges,
}

impl Definition for DefaultPrivileges {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        target(id, context).changes(&built_in(id, context), &self.privileges)
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        target(id, context).changes(&self.privileges, &built_in(id, context))
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        Change::of(target(id, context).changes(&self.privileges, &desired.privileges))
    }
}

/// Those for a schema are added to others, and begin with nothing.
fn built_in(id: &Id, context: &Context<'_>) -> Privileges {
    if !id.name.schema.is_empty() {
        return Privileges::default();
    }
    class(id).0.born_with(context.current.server_version)
}

fn target(id: &Id, context: &Context<'_>) -> Target {
    let role = identifier(&id.name.name);
    let mut head = format!("ALTER DEFAULT PRIVILEGES FOR ROLE {role}");
    if !id.name.schema.is_empty() {
        head += &format!(" IN SCHEMA {}", identifier(&id.name.schema));
    }
    let (class, phrase) = class(id);
    let version = context.current.server_version.max(context.desired.server_version);
    Target {
        head: head + "\n    ",
        phrase: phrase.to_owned(),
        columns: String::new(),
        owner: role.into_owned(),
        all: class.all(version),
    }
}

/// The sort of object, by the letter of `pg_default_acl`.
fn class(id: &Id) -> (Class, &'static str) {
    match &*id.part {
        "S" => (Class::Sequence, "SEQUENCES"),
        "f" => (Class::Routine, "FUNCTIONS"),
        "T" => (Class::Type, "TYPES"),
        "n" => (Class::Schema, "SCHEMAS"),
        _ => (Class::Table, "TABLES"),
    }
}
