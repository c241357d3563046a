//! The kinds of objects, one file each: what one consists of, and the statements that make, change and drop it.

pub mod aggregate;
pub mod attachment;
pub mod cast;
pub mod collation;
pub mod column;
pub mod comment;
pub mod composite;
pub mod constraint;
pub mod conversion;
pub mod default_privileges;
pub mod domain;
pub mod enumeration;
pub mod event_trigger;
pub mod extension;
pub mod foreign;
pub mod index;
pub mod operator;
pub mod policy;
pub mod privileges;
pub mod publication;
pub mod range;
pub mod routine;
pub mod rule;
pub mod schema;
pub mod sequence;
pub mod statistics;
pub mod storage;
pub mod table;
pub mod table_marks;
pub mod text_search;
pub mod trigger;
pub mod typed_table;
pub mod view;

use crate::context::Context;
use crate::name::Id;
use crate::statement::{Change, Statement};

/// What each kind can do.
pub(crate) trait Definition: PartialEq {
    /// The statements that make it.
    fn create(&self, id: &Id, context: &Context<'_>) -> Vec<Statement>;

    /// The statements that end it.
    fn drop(&self, id: &Id, context: &Context<'_>) -> Vec<Statement> {
        vec![Statement::whole(format!("DROP {}", context.phrase(id, context.current.get(id))))]
    }

    /// How it becomes what is desired.
    fn change(&self, desired: &Self, _id: &Id, _context: &Context<'_>) -> Change {
        if self == desired { Change::Keep } else { Change::Rebuild }
    }
}
