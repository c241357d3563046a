//! Reports heads that no branch label tells apart, and says what makes one of them.

use std::collections::BTreeSet;
use std::path::Path;

use migrate_runtime::graph::{Graph, Node, SeveralHeads};

use crate::lineage::place_of_parent;
use crate::problem::Problem;
use crate::revision::Draft;

pub(crate) fn several(several: &SeveralHeads, graph: &Graph<'_>, drafts: &[Draft], shown: &Path) -> Problem {
    let heads: Vec<&Draft> = several.heads.iter().filter_map(|id| draft(drafts, id)).collect();
    let files: Vec<String> = heads.iter().map(|head| place_of_parent(head)).collect();
    let n_heads = if heads.len() == 2 { "two".to_owned() } else { heads.len().to_string() };
    let message = match &several.fork {
        Some(fork) => format!("{n_heads} heads descend from {fork}: {}", files.join(", ")),
        None => format!("{n_heads} heads without a common ancestor: {}", files.join(", ")),
    };
    let Some(newest) = heads.last() else { return Problem::new(shown, message) };
    Problem::new(&newest.shown, message).at(newest.header.parsed.parent).help(ways_out(&several.heads, graph))
}

/// What makes one head of several, as commands; where some are labelled already, labels for the others.
fn ways_out(heads: &[String], graph: &Graph<'_>) -> String {
    let alike = graph.unlabelled_heads();
    let other = if alike.len() < heads.len() {
        let begins = format!("where the branch of {} begins", alike.join(" begins, and where that of "));
        Some(format!("write `branch-label: LABEL` into the header {begins}"))
    } else {
        move_of_newest(heads, graph).map(|(first, onto)| {
            // With two heads there is but one place to go to.
            let onto = if heads.len() == 2 { String::new() } else { format!(" --onto {onto}") };
            format!("move a branch that no database has yet with `cargo migrate rebase {first}{onto}`")
        })
    };
    let ways = ["join them with `cargo migrate merge heads`".to_owned()].into_iter().chain(other);
    ways.collect::<Vec<_>>().join(", or ")
}

fn draft<'d>(drafts: &'d [Draft], id: &str) -> Option<&'d Draft> {
    drafts.iter().find(|draft| draft.name.id() == id)
}

/// The revision with which the newest head's own branch begins, and the head that can become its parent instead.
///
/// The newest is most likely the one that its author can still move. There is no move when its branch begins in several
/// places, or when no single head has all that it was based on.
fn move_of_newest<'g>(heads: &'g [String], graph: &'g Graph<'_>) -> Option<(&'g str, &'g str)> {
    let (newest, others) = heads.split_last()?;
    let parents = |node: &Node<'g>| node.parents.clone();
    let all = |node: &Node<'g>| [node.parents.clone(), graph.dependencies(node.id)].concat();
    let mut own = ancestors(newest, graph, all);
    for other in others {
        own = &own - &ancestors(other, graph, all);
    }
    let begins = |id: &&&str| graph.node(id).is_some_and(|node| node.parents.iter().all(|id| !own.contains(id)));
    let mut beginnings = own.iter().filter(begins);
    let (first, None) = (graph.node(beginnings.next()?)?, beginnings.next()) else { return None };
    // By parents alone: a dependency that lost its only child would be a head of its own.
    let onto = others.iter().rev().find(|other| {
        let line = ancestors(other, graph, parents);
        first.parents.iter().all(|parent| line.contains(parent))
    })?;
    Some((first.id, onto))
}

/// The revision and what comes before it, by the edges that `before` chooses.
fn ancestors<'g>(of: &'g str, graph: &'g Graph<'_>, before: impl Fn(&Node<'g>) -> Vec<&'g str>) -> BTreeSet<&'g str> {
    let mut open = vec![of];
    let mut closed = BTreeSet::new();
    while let Some(id) = open.pop() {
        if closed.insert(id) {
            open.extend(graph.node(id).map(&before).unwrap_or_default());
        }
    }
    closed
}
