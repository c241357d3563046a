//! Nothing but a way up, outside of a transaction.
//!
//! parent: 20260103000000
//! transaction: none

pub async fn up(_: &mut migrate_runtime::Context<'_>) -> migrate_runtime::Result<()> {
    Ok(())
}
