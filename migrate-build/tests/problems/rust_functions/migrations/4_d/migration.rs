//! D.
//!
//! parent: 3

pub async fn up() {}

pub async fn down(a: A, b: B) {}
