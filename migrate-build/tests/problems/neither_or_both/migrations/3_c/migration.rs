//! C.
//!
//! parent: 2

pub async fn up(cx: &mut Context<'_>) -> Result<()> {}
