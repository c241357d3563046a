//! Checks how revisions hang together, and says of each fault in which lines it lies.

use std::collections::BTreeMap;
use std::path::Path;

use migrate_runtime::graph::{Graph, GraphError, Node, SeveralHeads};
use migrate_runtime::table::Position;

use crate::header::Header;
use crate::name::{FolderName, variant};
use crate::problem::{Problem, slashed};
use crate::revision::Draft;

/// Whether heads that no branch label tells apart are a problem.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heads {
    Checked,
    Any,
}

/// The node that a revision is in the graph; without a header it has no parents.
pub(crate) fn node<'a>(name: &'a FolderName, header: Option<&'a Header>) -> Node<'a> {
    fn texts(list: Option<&Vec<String>>) -> Vec<&str> {
        list.into_iter().flatten().map(String::as_str).collect()
    }
    Node {
        id: name.id(),
        slug: name.slug(),
        parents: texts(header.map(|header| &header.parents)),
        depends_on: texts(header.map(|header| &header.depends_on)),
        labels: texts(header.map(|header| &header.branch_labels)),
    }
}

/// Reports everything that keeps the drafts from being a graph; `lost` are ids whose folders could not be read.
pub(crate) fn check(drafts: &[Draft], lost: &[String], heads: Heads, shown: &Path, problems: &mut Vec<Problem>) {
    let nodes = drafts.iter().map(|draft| node(&draft.name, draft.parsed.as_ref().map(|parsed| &parsed.header)));
    check_variants(drafts, problems);
    match Graph::new(nodes.collect()) {
        Err(errors) => {
            let is_lost = |error: &GraphError| match error {
                GraphError::UnknownParent { parent: id, .. } | GraphError::UnknownDependency { dependency: id, .. } => {
                    lost.contains(id)
                }
                _ => false,
            };
            problems.extend(errors.iter().filter(|error| !is_lost(error)).map(|error| fault(error, drafts, shown)));
        }
        // A head may be one only because its child could not be read.
        Ok(graph)
            if heads == Heads::Checked && lost.is_empty() && drafts.iter().all(|draft| draft.parsed.is_some()) =>
        {
            if let Err(several) = graph.check_heads() {
                problems.push(several_heads(&several, drafts, shown));
            }
        }
        Ok(_) => {}
    }
}

fn check_variants(drafts: &[Draft], problems: &mut Vec<Problem>) {
    let mut taken: BTreeMap<String, &Draft> = BTreeMap::new();
    for draft in drafts {
        let variant = variant(draft.name.slug());
        if let Some(first) = taken.get(&variant) {
            // The same slug is the graph's to report.
            if first.name.slug() != draft.name.slug() {
                problems.push(
                    Problem::new(
                        &draft.shown,
                        format!(
                            "the slug `{}` makes the name `{variant}`, as `{}` does",
                            draft.name.slug(),
                            slashed(&first.shown)
                        ),
                    )
                    .help("rename one of the folders after its id"),
                );
            }
        } else {
            taken.insert(variant, draft);
        }
    }
}

fn fault(error: &GraphError, drafts: &[Draft], shown: &Path) -> Problem {
    let problem = |at: usize, message: String| Problem::new(&drafts[at].shown, message);
    match error {
        GraphError::UnknownParent { at, parent, nearest } => {
            let place = value_place(&drafts[*at], parent, |header| &header.parents, |parsed| &parsed.parents);
            problem(*at, error.to_string()).at(place).help(known(nearest.as_deref(), drafts, *at))
        }
        GraphError::UnknownDependency { at, dependency, nearest } => {
            let place = value_place(&drafts[*at], dependency, |header| &header.depends_on, |parsed| &parsed.depends_on);
            problem(*at, error.to_string()).at(place).help(known(nearest.as_deref(), drafts, *at))
        }
        GraphError::DuplicateId { id, first, second } => {
            problem(*second, format!("the id `{id}` is taken by {}", slashed(&drafts[*first].shown)))
                .help("rename the folder to an id of its own, and correct `parent` where it names this one")
        }
        GraphError::DuplicateSlug { slug, first, second } => {
            problem(*second, format!("the slug `{slug}` is taken by {}", slashed(&drafts[*first].shown)))
                .help("rename one of the folders after its id")
        }
        GraphError::DuplicateLabel { label, first, second } => {
            let place =
                value_place(&drafts[*second], label, |header| &header.branch_labels, |parsed| &parsed.branch_labels);
            problem(*second, format!("the branch label `{label}` is given by {}", slashed(&drafts[*first].shown)))
                .at(place)
                .help("a label stands only where its branch begins: delete one of the two")
        }
        GraphError::Cycle { at } => {
            let files: Vec<String> = at.iter().map(|at| place_of_parent(&drafts[*at])).collect();
            let (message, help) = match &files[..] {
                [_] => ("the revision is its own ancestor".to_owned(), "name the revision before it, or `base`"),
                _ => (
                    format!("revisions that are each other's ancestors: {}", files.join(", ")),
                    "change the `parent` or `depends-on` of one of them",
                ),
            };
            let first = &drafts[at[0]];
            let place = first.parsed.as_ref().map_or(TOP, |parsed| parsed.parent);
            Problem::new(&first.shown, message).at(place).help(help)
        }
        other => Problem::new(shown, other.to_string()),
    }
}

const TOP: Position = Position { line: 1, column: 1 };

/// The place of a value in the list that `values` and `places` choose.
fn value_place<'d>(
    draft: &'d Draft,
    value: &str,
    values: impl Fn(&'d Header) -> &'d Vec<String>,
    places: impl Fn(&'d crate::header::Parsed) -> &'d Vec<Position>,
) -> Position {
    let place = draft.parsed.as_ref().and_then(|parsed| {
        let n = values(&parsed.header).iter().position(|other| other == value)?;
        places(parsed).get(n).copied()
    });
    place.unwrap_or(TOP)
}

/// What to write instead of an id that nobody has.
fn known(nearest: Option<&str>, drafts: &[Draft], at: usize) -> String {
    let others = drafts.iter().enumerate().filter(|(other, _)| *other != at);
    match (nearest, others.map(|(_, draft)| draft.name.id()).max()) {
        (Some(nearest), _) => format!("did you mean `{nearest}`?"),
        (None, Some(newest)) => {
            format!("name a revision of this folder, or bring in its files; the newest is `{newest}`")
        }
        (None, None) => "bring in its files, or write `parent: base`".to_owned(),
    }
}

fn place_of_parent(draft: &Draft) -> String {
    match &draft.parsed {
        Some(parsed) => format!("{}:{}", slashed(&draft.shown), parsed.parent.line),
        None => slashed(&draft.shown),
    }
}

fn several_heads(several: &SeveralHeads, drafts: &[Draft], shown: &Path) -> Problem {
    let heads: Vec<&Draft> =
        several.heads.iter().filter_map(|id| drafts.iter().find(|draft| draft.name.id() == id)).collect();
    let files: Vec<String> = heads.iter().map(|head| place_of_parent(head)).collect();
    let n_heads = if heads.len() == 2 { "two".to_owned() } else { heads.len().to_string() };
    let message = match &several.fork {
        Some(fork) => format!("{n_heads} heads descend from {fork}: {}", files.join(", ")),
        None => format!("{n_heads} heads without a common ancestor: {}", files.join(", ")),
    };
    // The newest is most likely the one that its author can still move.
    let Some(newest) = heads.last() else { return Problem::new(shown, message) };
    let place = newest.parsed.as_ref().map_or(TOP, |parsed| parsed.parent);
    Problem::new(&newest.shown, message).at(place).help(format!(
        "join them with `cargo migrate merge heads`, or move yours on top with `cargo migrate rebase {}`",
        newest.name.id()
    ))
}
