//! E.
//!
//! parent: 4

pub async fn up(cx: &Context<'_>) -> Result<()> {}

pub async fn down(cx: &mut Context<'_>) {}
