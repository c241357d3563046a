//! Runs compiled-in Postgres revisions: a binary upgrades its own database when it starts.

pub mod graph;
pub mod plan;
pub mod table;

mod checksum;
mod migration;
mod migrations;
mod script;
mod target;

#[cfg(feature = "sqlx")]
mod context;
#[cfg(feature = "sqlx")]
mod database;
#[cfg(feature = "sqlx")]
mod error;
#[cfg(feature = "sqlx")]
mod event;
#[cfg(feature = "sqlx")]
mod execute;
#[cfg(feature = "sqlx")]
mod lock;
#[cfg(feature = "sqlx")]
mod message;
#[cfg(feature = "sqlx")]
mod migrator;
#[cfg(feature = "sqlx")]
mod options;
#[cfg(feature = "sqlx")]
mod quote;
#[cfg(feature = "sqlx")]
mod report;
#[cfg(feature = "sqlx")]
pub mod state;
#[cfg(feature = "sqlx")]
mod statement_error;
#[cfg(feature = "sqlx")]
mod step;
#[cfg(feature = "sqlx")]
mod version_table;

pub use migrations::Migrations;
pub use target::Target;

#[cfg(feature = "sqlx")]
pub use crate::{
    context::{BoxError, Context, Result},
    database::Database,
    error::Error,
    event::Event,
    lock::Holder,
    migrator::Migrator,
    options::{OnAhead, Options},
    report::{Done, Report},
    state::Verdict,
    statement_error::StatementError,
    version_table::{InvalidName, VersionTable},
};

/// Includes the table that `migrate_build::compile` generated, in the module that calls it.
#[macro_export]
macro_rules! include_migrations {
    () => {
        include!(concat!(env!("OUT_DIR"), "/migrations.rs"));
    };
}
