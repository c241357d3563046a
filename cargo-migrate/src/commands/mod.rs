//! One module for each verb: its arguments, and `run`.

pub(crate) mod branches;
pub(crate) mod check;
pub(crate) mod current;
pub(crate) mod diff;
pub(crate) mod downgrade;
pub(crate) mod dump;
pub(crate) mod edit;
pub(crate) mod heads;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod merge;
pub(crate) mod new;
pub(crate) mod plan;
pub(crate) mod rebase;
pub(crate) mod show;
pub(crate) mod stamp;
pub(crate) mod status;
pub(crate) mod switch;
pub(crate) mod upgrade;
