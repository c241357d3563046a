//! Comments and owners: what every object may have.

use crate::context::Context;
use crate::kind::Definition;
use crate::name::{Aspect, Id, Kind};
use crate::quote::{identifier, literal};
use crate::statement::{Change, Statement};

/// The comment on an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment(pub String);

/// The owner of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner(pub String);

impl Definition for Comment {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![statement(id, &literal(&self.0), context)]
    }

    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![statement(id, "NULL", context)]
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self == desired { Change::Keep } else { Change::Alter(desired.create(id, context)) }
    }
}

fn statement(id: &Id, text: &str, context: &Context<'_>) -> Statement {
    Statement::whole(format!("COMMENT ON {} IS {text}", phrase(id, context)))
}

/// The object as it is at the end, if it is there then.
fn phrase(id: &Id, context: &Context<'_>) -> String {
    let object = id.aspect(Aspect::Itself);
    // An index that a constraint owns has a comment of its own.
    let keyword = if id.kind == Kind::Index && context.either(&object).is_none() {
        return format!("INDEX {}", context.name(&id.name));
    } else {
        context.either(&object)
    };
    context.phrase(&object, keyword)
}

impl Definition for Owner {
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        // Whoever makes an object owns it.
        if context.is_made(&id.aspect(Aspect::Itself)) && self.0 == context.current.role {
            return Vec::new();
        }
        vec![Statement::whole(format!("ALTER {} OWNER TO {}", phrase(id, context), identifier(&self.0)))]
    }

    fn drop(&self, _id: &Id, _context: &Context<'_>) -> Vec<Statement> {
        Vec::new()
    }

    fn change(&self, desired: &Self, id: &Id, context: &Context<'_>) -> Change {
        if self == desired {
            return Change::Keep;
        }
        Change::Alter(vec![Statement::whole(format!(
            "ALTER {} OWNER TO {}",
            phrase(id, context),
            identifier(&desired.0)
        ))])
    }
}
