//! B.
//!
//! parent: 1

pub async fn up(cx: &mut C) {
