//! A.
//!
//! parent: base

fn helper() {}
