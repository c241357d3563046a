//! A Postgres schema as a value, and the SQL that turns one schema into another.
//!
//! Both sides are catalogs that were read from a server, so that expressions meet in the form in which Postgres prints
//! them. Nothing here does any input or output.
//!
//! ```
//! use migrate_schema::{Catalog, Options, diff};
//!
//! let (current, desired) = (Catalog::fresh(150_000), Catalog::fresh(150_000));
//! assert!(diff(&current, &desired, &Options::default()).is_empty());
//! ```
//!
//! [`Catalog`] holds the [`Object`]s of a database by their [`Id`], and the [`Edge`]s that the server recorded between
//! them. [`diff()`] decides what must be made, changed and dropped, in which order, as a list of [`Op`]s; the way back is
//! the difference the other way around. [`changes()`] tells it to a person, and [`stages()`] shapes it for tables that have
//! rows and are in use.

pub mod hazard;
pub mod kind;
pub mod quote;

mod catalog;
mod changes;
mod completion;
mod context;
mod diff;
mod expression;
mod name;
mod object;
mod op;
mod rename;
mod render;
mod stages;
mod statement;

pub use crate::catalog::{Catalog, Edge};
pub use crate::changes::{Change, ChangeSort, changes};
pub use crate::diff::{Options, diff};
pub use crate::name::{Aspect, Id, Kind, Name};
pub use crate::object::Object;
pub use crate::op::{Action, Diff, Op};
pub use crate::rename::{Rename, RenameError, possible_renames, rename_candidates, reversed, successive_renames};
pub use crate::stages::{Purpose, Stage, stages};
pub use crate::statement::Statement;
