//! `cargo migrate current`.

use std::collections::BTreeMap;

use migrate_runtime::state::AppliedRevision;
use serde_json::json;

use crate::invocation::Invocation;
use crate::listing::{self, Entry};
use crate::report::Failure;
use crate::survey::Survey;

/// Shows the current heads of the database.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo migrate current --verbose")]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let known = Entry::all(invocation.project()?)?;
    let survey = Survey::of_rows(invocation)?;
    let mut known: BTreeMap<String, Entry> = known.into_iter().map(|entry| (entry.revision.clone(), entry)).collect();
    // Where a newer release was here, the row says enough to show the revision.
    let of_row = |row: &AppliedRevision| Entry {
        revision: row.revision.clone(),
        slug: None,
        summary: row.summary.clone(),
        parents: row.parents.clone(),
        depends_on: row.depends_on.clone(),
        labels: Vec::new(),
        head: false,
        current: None,
        folder: None,
    };
    let entries: Vec<Entry> = survey
        .state
        .heads()
        .into_iter()
        .map(|row| known.remove(&row.revision).unwrap_or_else(|| of_row(row)))
        .collect();
    if invocation.shell.is_json() {
        invocation.shell.json(&json!({"heads": entries}));
    } else {
        listing::print(&invocation.shell, &entries);
        if entries.is_empty() {
            invocation.shell.status("Current", "at base: no revision is applied");
        }
    }
    Ok(())
}
