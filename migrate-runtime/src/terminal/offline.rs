//! Offline mode: the SQL of a run on stdout, for a DBA.

use crate::plan::Direction;
use crate::terminal::refusal::{self, Texts};
use crate::terminal::report::Failure;
use crate::terminal::shell::Shell;
use crate::{Migrator, Range, Target};

/// Prints what leads from one target to another; from base where only one is given.
///
/// # Errors
///
/// When a target means nothing, or a Rust revision cannot be printed.
pub async fn print(
    direction: Direction,
    target: &str,
    migrator: &Migrator<'_>,
    shell: &Shell,
    texts: &dyn Texts,
) -> Result<(), Failure> {
    let range: Range = match target.parse() {
        Ok(range) => range,
        Err(_) => Range::up_to(Target::from(target)),
    };
    let sql = migrator.sql(direction, &range).await;
    shell.script(&sql.map_err(|error| refusal::offline(&error, texts))?);
    Ok(())
}
