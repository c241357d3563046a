//! A branch label where a revision is wanted: whole branches cannot be named yet, their heads can.

use std::collections::BTreeSet;

use migrate_runtime::graph::Graph;

use crate::report::{Failure, Kind};

/// What to type instead of a branch label, which names no single revision; none where the text is no label.
pub(crate) fn refuse(typed: &str, graph: &Graph<'_>) -> Option<Failure> {
    let start = graph.nodes().iter().find(|node| node.labels.contains(&typed))?;
    let mut branch = BTreeSet::from([start.id]);
    // Parents come before their children.
    for node in graph.nodes() {
        if node.parents.iter().any(|parent| branch.contains(parent)) {
            branch.insert(node.id);
        }
    }
    let ids: Vec<&str> = graph.heads().into_iter().map(|head| head.id).filter(|id| branch.contains(id)).collect();
    let help = match ids[..] {
        [head] => format!("type the head of its branch: {head}"),
        _ => format!("type one of the heads of its branch: {}", ids.join(", ")),
    };
    Some(Failure::new(Kind::Revision, format!("`{typed}` is a branch label, not a revision")).help(help))
}
