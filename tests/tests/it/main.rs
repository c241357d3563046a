//! The end-to-end tests, one module a subject, in one program so that they share one server.

mod compile;
mod corpus;
mod graph;
mod harness;
mod import;
mod init;
mod interrupt;
mod merge;
mod new;
mod online;
mod plan;
mod readme;
mod rebase;
mod runtime;
mod vectors;
