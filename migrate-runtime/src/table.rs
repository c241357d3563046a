//! What the generated table is made of; an application meets these only through [`Migrations`](crate::Migrations).

pub use crate::checksum::Checksum;
pub use crate::composition::{Composition, compose};
pub use crate::migration::{Action, Executes, Migration, Uncompiled};
pub use crate::script::{Position, Script, Span, Transaction};
#[cfg(feature = "sqlx")]
pub use crate::{
    migration::RustScript,
    postgres::context::{RevisionFuture, RustFn},
};
