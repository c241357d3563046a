//! A.
//!
//! parent: base

pub async fn up(cx: &mut C) {
    let é = ;
}
