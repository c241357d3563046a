//! B.
//!
//! parent: 1

async fn up(cx: &mut C) {}
