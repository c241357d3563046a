//! What `cargo migrate` and [`Command`](crate::command::Command) have in common: how a run is told, how it is interrupted,
//! and how what went wrong is shown. It is no part of the API, and may change in any release.

pub mod dsn;
pub mod interrupt;
pub mod journey;
pub mod listing;
pub mod manner;
pub mod offline;
pub mod output;
pub mod progress;
pub mod recording;
pub mod refusal;
pub mod report;
pub mod shell;
pub mod standing;
pub mod statement;
pub mod steps;
