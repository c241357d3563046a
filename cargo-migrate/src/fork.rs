//! Whether a new revision would fork the history in a way that the build refuses, and how it can be made instead.

use migrate_build::Outline;
use migrate_build::header::{self, Header, Style};
use migrate_build::name::FolderName;
use migrate_runtime::graph::Graph;

use crate::report::{Failure, Kind};

/// Builds the graph as it would be, so that a refused label or a new fork is found before anything is written.
pub(crate) fn check(name: &FolderName, header: &Header, graph: &Graph<'_>) -> Result<(), Failure> {
    let usage = |message: String| Failure::new(Kind::Usage, message);
    if let Err(errors) = header::parse(&header.render(Style::Sql), Style::Sql) {
        let failures = errors.into_iter().map(|error| usage(error.message).help(error.help)).collect();
        return Failure::all(failures);
    }
    let mut nodes = graph.nodes().to_vec();
    nodes.push(Outline::node(name, header));
    let after = match Graph::new(nodes) {
        Ok(after) => after,
        Err(errors) => return Failure::all(errors.into_iter().map(|error| usage(error.to_string())).collect()),
    };
    let Err(fork) = after.check_heads() else { return Ok(()) };
    let alike = after.unlabelled_heads();
    // A fork that is there already is no reason to refuse what leaves it as it was.
    if alike.len() <= graph.unlabelled_heads().len() {
        return Ok(());
    }
    Err(usage(format!("this would make {fork}")).help(advice(name, &alike, graph)))
}

/// How the revision can be made without heads that are `alike`.
fn advice(name: &FolderName, alike: &[&str], graph: &Graph<'_>) -> String {
    let heads = graph.heads();
    let mut labels = Vec::new();
    if alike.contains(&name.id()) {
        labels.push("`--branch-label LABEL` for this one".to_owned());
    }
    let others: Vec<&str> = alike.iter().copied().filter(|head| *head != name.id()).collect();
    if !others.is_empty() {
        labels.push(format!(
            "`branch-label: LABEL` in the header of the revision that begins the branch of {}",
            others.join(" and of ")
        ));
    }
    let follow = heads.iter().map(|head| format!("`--head {}`", head.id)).collect::<Vec<_>>().join(" or ");
    format!("follow a head with {follow}, or give each branch a label: {}", labels.join(", and "))
}
