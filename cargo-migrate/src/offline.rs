//! Offline mode: the SQL of a run on stdout, for a DBA.

use migrate_runtime::plan::Direction;
use migrate_runtime::{Range, Target};

use crate::invocation::Invocation;
use crate::refusal;
use crate::report::Failure;
use crate::run::Manner;

/// Prints what leads from one target to another; from base where only one is given.
pub(crate) fn print(
    direction: Direction,
    target: &str,
    manner: Manner,
    invocation: &Invocation,
) -> Result<(), Failure> {
    let project = invocation.project()?;
    let table = project.history_for(direction)?.table(&project.package);
    let options = manner.options(project)?;
    let range: Range = match target.parse() {
        Ok(range) => range,
        Err(_) => Range::up_to(Target::from(target)),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| Failure::io("start", std::path::Path::new("a runtime"), &error))?;
    let sql = runtime.block_on(table.with(options).sql(direction, &range));
    invocation.shell.script(&sql.map_err(|error| refusal::offline(&error, project))?);
    Ok(())
}
