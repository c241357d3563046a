//! Checks how revisions hang together, and says of each fault in which lines it lies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use migrate_runtime::graph::{Graph, GraphError, Node};
use migrate_runtime::table::Position;

use crate::header::{Header, Parsed};
use crate::heads;
use crate::name::{FolderName, variant};
use crate::problem::{Problem, slashed};
use crate::revision::Draft;

/// Whether heads that no branch label tells apart are a problem.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heads {
    Checked,
    Any,
}

/// The node that a revision is in the graph.
pub(crate) fn node<'a>(name: &'a FolderName, header: &'a Header) -> Node<'a> {
    fn texts(list: &[String]) -> Vec<&str> {
        list.iter().map(String::as_str).collect()
    }
    Node {
        id: name.id(),
        slug: name.slug(),
        parents: texts(&header.parents),
        depends_on: texts(&header.depends_on).into_iter().filter(|name| crate_of(name).is_none()).collect(),
        labels: texts(&header.branch_labels),
    }
}

/// The crate in what a header depends on, where that is another crate's revision.
pub(crate) fn crate_of(dependency: &str) -> Option<&str> {
    dependency.split_once("::").map(|(name, _)| name)
}

/// Reports everything that keeps the drafts from being a graph; `lost` are ids whose folders could not be read.
pub(crate) fn check(drafts: &[Draft], lost: &[String], heads: Heads, shown: &Path, problems: &mut Vec<Problem>) {
    let nodes = drafts.iter().map(|draft| node(&draft.name, &draft.header.parsed.header));
    check_variants(drafts, problems);
    match Graph::new(nodes.collect()) {
        Err(errors) => {
            let is_lost = |error: &GraphError| match error {
                GraphError::UnknownParent { parent: id, .. } | GraphError::UnknownDependency { dependency: id, .. } => {
                    lost.contains(id)
                }
                _ => false,
            };
            let faults = errors.iter().filter(|error| !is_lost(error));
            problems.extend(faults.map(|error| fault(error, drafts, shown).kind(error.kind())));
        }
        Ok(graph) if heads == Heads::Checked && lost.is_empty() && drafts.iter().all(knows_its_branch) => {
            if let Err(several) = graph.check_heads() {
                problems.push(heads::several(&several, &graph, drafts, shown));
            }
        }
        Ok(_) => {}
    }
}

/// A head may be one only because its child could not be read, and unlabelled only because its label could not.
fn knows_its_branch(draft: &Draft) -> bool {
    draft.header.knows("parent") && draft.header.knows("branch-label")
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
            let help = instead(parent, nearest.as_deref(), drafts, *at).unwrap_or_else(|| {
                if is_time(parent) {
                    lost("parent", nearest.as_deref())
                } else {
                    "bring in its files, or write `parent: base`".to_owned()
                }
            });
            problem(*at, error.to_string()).at(place).help(help)
        }
        GraphError::UnknownDependency { at, dependency, nearest } => {
            let place = value_place(&drafts[*at], dependency, |header| &header.depends_on, |parsed| &parsed.depends_on);
            // A folder's name could be a branch label too.
            let folder = drafts.iter().find(|draft| draft.name.to_string() == *dependency);
            let id = folder.map(|draft| format!("write `{}`", draft.name.id()));
            let help = id.or_else(|| instead(dependency, nearest.as_deref(), drafts, *at)).unwrap_or_else(|| {
                if is_time(dependency) {
                    lost("revision", nearest.as_deref())
                } else {
                    "bring in its files, or take it out of `depends-on`".to_owned()
                }
            });
            problem(*at, error.to_string()).at(place).help(help)
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
        GraphError::LabelIsName { label, at, named } => {
            let place =
                value_place(&drafts[*at], label, |header| &header.branch_labels, |parsed| &parsed.branch_labels);
            problem(*at, format!("the branch label `{label}` is the name of {}", slashed(&drafts[*named].shown)))
                .at(place)
                .help("choose another label: as a target this one would mean two revisions")
        }
        GraphError::Cycle { at, by_dependency } => {
            let place = |draft: &Draft| {
                let parsed = &draft.header.parsed;
                parsed.depends_on.first().filter(|_| *by_dependency).copied().unwrap_or(parsed.parent)
            };
            let file = |at: &usize| format!("{}:{}", slashed(&drafts[*at].shown), place(&drafts[*at]).line);
            let files: Vec<String> = at.iter().map(file).collect();
            let (message, help) = match &files[..] {
                [_] if *by_dependency => ("the revision depends on itself".to_owned(), "delete the `depends-on` line"),
                [_] => ("the revision is its own ancestor".to_owned(), "name the revision before it, or `base`"),
                _ => (
                    format!("revisions that are each other's ancestors: {}", files.join(", ")),
                    "change the `parent` or `depends-on` of one of them",
                ),
            };
            let first = &drafts[at[0]];
            Problem::new(&first.shown, message).at(place(first)).help(help)
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
    places: impl Fn(&'d Parsed) -> &'d Vec<Position>,
) -> Position {
    let parsed = &draft.header.parsed;
    let n = values(&parsed.header).iter().position(|other| other == value);
    n.and_then(|n| places(parsed).get(n).copied()).unwrap_or(TOP)
}

/// What to do about the id of a revision that is not here but was. One that is like it may be the wrong one all the same.
fn lost(what: &str, nearest: Option<&str>) -> String {
    let nearest = nearest.map(|id| format!("; the nearest is `{id}`")).unwrap_or_default();
    format!("its folder was deleted or is on another branch: restore it, or name another {what}{nearest}")
}

/// Whether an id is a time, as `cargo migrate new` makes them: such an id was not typed, so it is hardly mistyped.
fn is_time(id: &str) -> bool {
    id.len() == 14 && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// What to write instead of an id that nobody has, if there is something that `at` does not come before.
fn instead(id: &str, nearest: Option<&str>, drafts: &[Draft], at: usize) -> Option<String> {
    if is_time(id) {
        return None;
    }
    if let Some(nearest) = nearest {
        return Some(format!("did you mean `{nearest}`?"));
    }
    let later = descendants(drafts, at);
    let newest = drafts.iter().map(|draft| draft.name.id()).filter(|id| !later.contains(id)).max()?;
    Some(format!("name a revision of this folder, or bring in its files; the newest is `{newest}`"))
}

/// The id of the draft and of all that come after it; in a folder that is no graph.
fn descendants(drafts: &[Draft], at: usize) -> BTreeSet<&str> {
    let mut later = BTreeSet::from([drafts[at].name.id()]);
    loop {
        let n_later = later.len();
        for draft in drafts {
            let header = &draft.header.parsed.header;
            if header.parents.iter().chain(&header.depends_on).any(|id| later.contains(id.as_str())) {
                later.insert(draft.name.id());
            }
        }
        if later.len() == n_later {
            return later;
        }
    }
}

/// Where a draft names its parents, for people.
pub(crate) fn place_of_parent(draft: &Draft) -> String {
    format!("{}:{}", slashed(&draft.shown), draft.header.parsed.parent.line)
}
