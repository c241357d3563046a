//! F.
//!
//! parent: 5

pub async fn up(cx: &mut PgConnection) -> Result<()> {}

pub async fn down(cx: &mut a::Context<'_>) -> () {}
