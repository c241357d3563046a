//! The end-to-end tests, one module a subject, in one program so that they share one server.

mod corpus;
mod harness;
mod import;
mod online;
mod runtime;
