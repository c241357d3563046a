//! G: nothing is wrong.
//!
//! parent: 6

pub async fn up(cx: &mut Context) -> Result {}

pub async fn down(_: &mut migrate_runtime::Context<'_>) -> Result<(), a::Error> {}
