//! Runs compiled-in Postgres revisions: a binary upgrades its own database when it starts.

pub mod graph;
pub mod plan;
pub mod table;

mod checksum;
#[cfg(feature = "sqlx")]
mod context;
mod migration;
mod migrations;
mod script;
mod target;

#[cfg(feature = "sqlx")]
pub use context::{Context, Result};
pub use migrations::Migrations;
pub use target::Target;

/// Includes the table that `migrate_build::compile` generated, in the module that calls it.
#[macro_export]
macro_rules! include_migrations {
    () => {
        include!(concat!(env!("OUT_DIR"), "/migrations.rs"));
    };
}
