//! The end-to-end tests, one module a subject, in one program so that they share one server.

mod compile;
mod composed;
mod corpus;
mod graph;
mod harness;
mod import;
mod init;
mod interrupt;
mod merge;
mod models;
mod new;
mod offline;
mod online;
mod plan;
mod readme;
mod real_graphs;
mod rebase;
mod runner;
mod runtime;
mod splitting;
mod stamp;
mod switch;
mod tool;
mod vectors;
