//! C.
//!
//! parent: 2

pub fn up(cx: &mut C) {}
