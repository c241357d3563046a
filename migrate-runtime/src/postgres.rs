//! The half that knows Postgres: reads what is applied, takes steps, and tells what happened. Beside it everything is pure.

pub(crate) mod chart;
pub(crate) mod concurrent_index;
pub(crate) mod context;
pub(crate) mod database;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod execute;
pub(crate) mod frame;
pub(crate) mod goal;
pub(crate) mod lock;
pub(crate) mod message;
pub(crate) mod migrator;
pub(crate) mod offline;
pub(crate) mod options;
pub(crate) mod quote;
pub(crate) mod reading;
pub(crate) mod report;
pub(crate) mod session;
pub(crate) mod stamping;
pub mod state;
pub(crate) mod statement_error;
pub(crate) mod step;
pub(crate) mod stored;
pub(crate) mod version_table;
pub(crate) mod waiting;
