//! What the library and the command line answer to a test vector.

use std::collections::{BTreeMap, BTreeSet};

use migrate_runtime::graph::{Follow, Graph};
use migrate_runtime::plan::{Direction, Plan, PlanError};
use migrate_runtime::{Range, Target};

use crate::vector::{Vector, VectorRevision};

/// An answer, in the form in which vectors compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A plan: direction, id and current heads of each step, and the current heads at the end.
    Steps {
        /// The steps.
        steps: Vec<(String, String, Vec<String>)>,
        /// The current heads at the end.
        heads: Vec<String>,
    },
    /// The current heads after a stamp.
    Heads(Vec<String>),
    /// Revisions whose order counts.
    Ordered(Vec<String>),
    /// Revisions whose order does not.
    Revisions(Vec<String>),
    /// The heads by parent alone, and those that nothing depends on either.
    BothHeads {
        /// Without a child.
        by_parent: Vec<String>,
        /// With nothing after them.
        real: Vec<String>,
    },
    /// Where the history forks: children by revision.
    Branches(BTreeMap<String, Vec<String>>),
    /// The parents of a new revision.
    Parents(Vec<String>),
    /// The kind of an error.
    Error(String),
}

impl Answer {
    /// What the library answers.
    #[must_use]
    pub fn of_library(vector: &Vector) -> Self {
        match Graph::new(vector.revisions.iter().map(VectorRevision::node).collect()) {
            Err(errors) => Self::Error(errors[0].kind().to_owned()),
            Ok(graph) => answer(&graph, vector).unwrap_or_else(|kind| Self::Error(kind.to_owned())),
        }
    }
}

fn answer(graph: &Graph<'_>, vector: &Vector) -> Result<Answer, &'static str> {
    let target = vector.targets.first().map(String::as_str).unwrap_or_default();
    let kind = |error: PlanError| error.kind();
    // Rows are read when a command needs them, so that `--purge` does not mind what they say.
    let applied = || graph.applied_below(&texts(&vector.current)).map_err(kind);
    match vector.command.as_str() {
        "upgrade" | "downgrade" => {
            let up = vector.command == "upgrade";
            let range = target.parse::<Range>().ok();
            if range.is_some() != vector.offline && (range.is_some() || !up) {
                return Err(if vector.offline { "bad_range" } else { "range_not_allowed" });
            }
            let to = match &range {
                Some(range) => range.to().cloned().unwrap_or_else(Target::heads),
                None => Target::from(target),
            };
            let direction = if up { Direction::Up } else { Direction::Down };
            let start = match range {
                Some(range) => graph.offline_start(&range).map_err(kind)?,
                None if vector.offline => BTreeSet::new(),
                None => {
                    graph.check_target(direction, &to).map_err(kind)?;
                    applied()?
                }
            };
            let plan = if up { graph.plan_upgrade(&start, &to) } else { graph.plan_downgrade(&start, &to) };
            plan.map(steps).map_err(kind)
        }
        "stamp" => {
            let targets: Vec<Target> = vector.targets.iter().map(|target| Target::from(target.as_str())).collect();
            let applied = if vector.purge { BTreeSet::new() } else { applied()? };
            graph.plan_stamp(&applied, &targets).map(|stamp| Answer::Heads(stamp.reached)).map_err(kind)
        }
        "heads" => {
            let heads = graph.heads().into_iter().map(|node| node.id);
            Ok(Answer::BothHeads {
                by_parent: heads.clone().map(str::to_owned).collect(),
                real: heads.filter(|id| !graph.is_effective_head(id)).map(str::to_owned).collect(),
            })
        }
        "bases" => Ok(Answer::Revisions(graph.bases().into_iter().map(|node| node.id.to_owned()).collect())),
        "branches" => {
            let forks = graph.nodes().iter().map(|node| (node.id, graph.children(node.id)));
            let forks = forks.filter(|(_, children)| children.len() > 1);
            Ok(Answer::Branches(forks.map(|(id, children)| (id.to_owned(), owned(children))).collect()))
        }
        "history" => {
            let range: Range =
                if vector.targets.is_empty() { Range::default() } else { target.parse().map_err(|_| "bad_range")? };
            let applied = if range.needs_current() { applied()? } else { BTreeSet::new() };
            graph.history(&range, &applied).map(owned).map(Answer::Ordered).map_err(kind)
        }
        "show" => {
            let applied = if target == "current" { applied()? } else { BTreeSet::new() };
            graph.select(&Target::from(target), &applied).map(owned).map(Answer::Revisions).map_err(kind)
        }
        "current" => Ok(Answer::Revisions(owned(graph.current_heads(&applied()?)))),
        "revision" => {
            let follow = if vector.splice { Follow::Any } else { Follow::Heads };
            graph.new_parents(&Target::from(target), follow).map(owned).map(Answer::Parents).map_err(kind)
        }
        other => panic!("no such command: {other}"),
    }
}

fn steps(plan: Plan) -> Answer {
    let steps = plan.steps.into_iter().map(|step| (step.direction.as_str().to_owned(), step.revision, step.heads));
    Answer::Steps { steps: steps.collect(), heads: plan.heads }
}

fn texts(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

fn owned(ids: Vec<&str>) -> Vec<String> {
    ids.into_iter().map(str::to_owned).collect()
}
