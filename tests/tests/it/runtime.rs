//! The executor on real servers: what it does, what it costs, and what it says when it cannot.

mod blocking;
mod cost;
mod disagreement;
mod failure;
mod folder;
mod locking;
mod policies;
mod privileges;
mod rust_revisions;
mod stepwise;
mod success;
