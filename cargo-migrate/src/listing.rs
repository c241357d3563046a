//! Revisions as the verbs that look at the graph list them, by their names and headers: scripts may be unfinished.

pub(crate) mod drawing;

use std::path::Path;

use migrate_build::Outline;
pub(crate) use migrate_runtime::terminal::listing::{Entry, Listing, check_heads, current, print, print_blocks};

/// The revisions of an outline, in a folder that is called `shown`.
pub(crate) fn of<'o>(outline: &'o Outline, shown: &'o Path) -> Listing<'o> {
    let summaries = outline.headers().map(|(name, header)| (name.id(), header.summary.as_str())).collect();
    Listing::new(outline.graph(), summaries, shown)
}
