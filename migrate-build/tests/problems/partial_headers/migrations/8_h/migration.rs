//! H.
//!
//! parent: 99zzzz
//! colour: red

pub async fn up(cx: &mut Context<'_>) -> Result<()> {}
