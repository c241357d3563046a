//! The executor on real servers: what it does, what it costs, and what it says when it cannot.

mod batches;
mod blocking;
mod composed;
mod cost;
mod disagreement;
mod failure;
mod faults;
mod folder;
mod locking;
mod pgbouncer;
mod policies;
mod privileges;
mod rust_revisions;
mod server;
mod stampede;
mod stepwise;
mod success;
mod testing;
