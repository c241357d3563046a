//! The files of the revisions that turn one schema into another.

use migrate_build::header::{Header, Style, render_down};
use migrate_runtime::graph::{Graph, Node};
use migrate_runtime::table::Transaction;
use migrate_schema::{Diff, Purpose, Stage};

use crate::creation::{Decision, Wish};
use crate::report::Failure;
use crate::scaffold::File;

/// A revision that is about to be written.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) decision: Decision,
    pub(crate) files: Vec<File>,
    /// Columns whose rows need values that only the author knows.
    pub(crate) backfills: Vec<String>,
}

/// What the revisions are called, and where they begin.
#[derive(Debug)]
pub(crate) struct Subject<'s> {
    /// What is typed for the first of them, or for the only one.
    pub(crate) wish: Wish<'s>,
    /// Whether it can be undone.
    pub(crate) has_down: bool,
}

impl Draft {
    /// The revisions of the stages, each after the other.
    pub(crate) fn of(stages: &[Stage], subject: Subject<'_>, graph: &Graph<'_>) -> Result<Vec<Self>, Failure> {
        let mut drafts: Vec<Self> = Vec::new();
        let n_stages = stages.len();
        let Subject { wish, has_down } = subject;
        let (message, follow, rev_id) = (wish.message, wish.follow, wish.rev_id);
        let mut first = Some(wish);
        for stage in stages {
            let decision = match first.take() {
                Some(wish) if n_stages == 1 => wish.decide(graph)?,
                Some(wish) => {
                    let message = message_of(message, stage.purpose);
                    Wish { message: &message, ..wish }.decide(graph)?
                }
                None => {
                    let message = message_of(message, stage.purpose);
                    let id = rev_id.map(|id| format!("{id}{}", drafts.len() + 1));
                    let parents = drafts.last().map(|draft| draft.decision.name.id().to_owned()).into_iter().collect();
                    let wish = Wish {
                        message: &message,
                        rev_id: id.as_deref(),
                        parents,
                        branch_labels: &[],
                        depends_on: Vec::new(),
                        follow,
                    };
                    wish.decide(&with(graph, &drafts)?)?
                }
            };
            drafts.push(Self::of_stage(stage, decision, has_down));
        }
        Ok(drafts)
    }

    fn of_stage(stage: &Stage, mut decision: Decision, has_down: bool) -> Self {
        if stage.purpose == Purpose::Online {
            decision.header.transaction = Transaction::None;
        }
        let mut files = vec![("up.sql", up(&decision.header, &stage.up))];
        if has_down {
            let transaction = if stage.down_is_transactional { Transaction::PerRevision } else { Transaction::None };
            files.push(("down.sql", down(&stage.down, transaction)));
        }
        Self { decision, files, backfills: stage.backfills.clone() }
    }
}

/// What the revision of a stage is called where there are several.
fn message_of(message: &str, purpose: Purpose) -> String {
    match purpose {
        Purpose::Values => format!("{message}: enum values"),
        Purpose::Online => format!("{message}: online"),
        _ => message.to_owned(),
    }
}

/// The graph as it is when the drafts are written.
fn with<'g>(graph: &Graph<'g>, drafts: &'g [Draft]) -> Result<Graph<'g>, Failure> {
    let mut nodes: Vec<Node<'g>> = graph.nodes().to_vec();
    nodes.extend(drafts.iter().map(|draft| Node {
        id: draft.decision.name.id(),
        slug: draft.decision.name.slug(),
        parents: draft.decision.header.parents.iter().map(String::as_str).collect(),
        depends_on: draft.decision.header.depends_on.iter().map(String::as_str).collect(),
        labels: draft.decision.header.branch_labels.iter().map(String::as_str).collect(),
    }));
    Graph::new(nodes).map_err(|errors| crate::refusal::graph(&errors))
}

fn up(header: &Header, diff: &Diff) -> String {
    format!("{}\n{}", header.render(Style::Sql), diff.sql())
}

fn down(diff: &Diff, transaction: Transaction) -> String {
    let sql = diff.sql();
    if sql.is_empty() {
        return "-- nothing to undo\n".to_owned();
    }
    let header = render_down(transaction);
    let gap = if header.is_empty() { "" } else { "\n" };
    format!("{header}{gap}{sql}")
}
