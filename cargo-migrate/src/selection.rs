//! The revisions that a user means, for verbs that look at them; the database is asked only for `current`.

use std::collections::BTreeSet;

use migrate_runtime::Target;
use migrate_runtime::graph::Graph;

use crate::invocation::Invocation;
use crate::refusal;
use crate::report::Failure;
use crate::survey::Survey;

/// The ids of what was typed.
pub(crate) fn of<'g>(typed: &str, graph: &Graph<'g>, invocation: &Invocation) -> Result<Vec<&'g str>, Failure> {
    let target = Target::from(typed);
    let survey = if target.is_current() { Some(Survey::of_rows(invocation)?) } else { None };
    let applied = survey.as_ref().map_or_else(|| Ok(BTreeSet::new()), |survey| survey.applied_and_known(graph))?;
    graph.select(&target, &applied).map_err(|error| refusal::plan(&error))
}
