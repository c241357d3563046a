//! Revisions as the verbs that look at the graph list them, by their names and headers: scripts may be unfinished.

pub(crate) mod drawing;

use migrate_build::Outline;
pub(crate) use migrate_runtime::terminal::listing::{Entry, Listing, check_heads, current, print, print_blocks};

use crate::project::Project;
use crate::refusal;
use crate::report::Failure;

/// The revisions of an outline, in the folder of a project, and those of the crates that it includes.
pub(crate) fn of<'o>(outline: &'o Outline, project: &'o Project) -> Result<Listing<'o>, Failure> {
    let crates = project.crates()?;
    let own = outline.headers().map(|(name, header)| (name.id(), header.summary.as_str()));
    let others = crates.together().iter().map(|migration| (migration.id(), migration.summary_text()));
    // A reading of the whole says where a revision of a crate is named that is not there.
    let graph = outline
        .graph_with(crates)
        .map_err(|errors| project.history().err().unwrap_or_else(|| refusal::graph(&errors)))?;
    Ok(Listing::new(graph, own.chain(others).collect(), &project.shown))
}
