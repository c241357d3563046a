//! `cargo migrate merge`: a revision with several parents, after which there is one head.

use migrate_runtime::Target;
use migrate_runtime::graph::Graph;

use crate::creation::{self, Decision, Wish};
use crate::folder_lock::FolderLock;
use crate::hooks;
use crate::invocation::Invocation;
use crate::refusal;
use crate::report::{Failure, Kind};
use crate::scaffold;

/// Joins heads: makes a revision that follows all of them and changes nothing itself.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  cargo migrate merge heads\n  cargo migrate merge add_email add_phone -m \"join both\"\n\n\
                        A branch that no database has yet can be moved instead: `cargo migrate rebase REV`."
)]
pub(crate) struct Args {
    /// What to join: ids, unique prefixes, slugs, `LABEL@head`, or `heads` for all.
    #[arg(value_name = "REV", required = true)]
    pub(crate) revisions: Vec<String>,
    /// What the revision does; it becomes the summary and the name.
    #[arg(short, long, value_name = "MESSAGE")]
    pub(crate) message: Option<String>,
    /// A label for the branch that starts with this revision.
    #[arg(long, value_name = "LABEL")]
    pub(crate) branch_label: Vec<String>,
    /// The id, instead of the time.
    #[arg(long, value_name = "ID")]
    pub(crate) rev_id: Option<String>,
    /// Join revisions that have children already: a branch begins.
    #[arg(long)]
    pub(crate) splice: bool,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let lock = FolderLock::of(&project.dir, &project.shown)?;
    let outline = project.outline()?;
    let decision = decide(args, &outline.graph())?;
    let files = scaffold::files(scaffold::Kind::Merge, &decision.header);
    decision.write(project, &files)?;
    drop(lock);
    decision.tell(invocation, project, &files);
    hooks::run(&decision.paths(&project.dir, &files), project, invocation)
}

fn decide(args: &Args, graph: &Graph<'_>) -> Result<Decision, Failure> {
    let follow = creation::follow(args.splice);
    let targets: Vec<Target> = args.revisions.iter().map(|typed| Target::from(typed.as_str())).collect();
    let parents = graph.merge_parents(&targets, follow).map_err(|error| refusal::plan(&error))?;
    if parents.len() < 2 {
        let named = match parents[..] {
            [] => "no revision".to_owned(),
            ref ids => format!("one revision alone, {}", ids.join(", ")),
        };
        return Err(Failure::new(Kind::Usage, format!("`merge {}` names {named}", args.revisions.join(" ")))
            .help("name two revisions or more; `cargo migrate heads` lists those that can be joined"));
    }
    let message = args.message.clone().unwrap_or_else(|| message(&parents, graph));
    let wish = Wish {
        message: &message,
        rev_id: args.rev_id.as_deref(),
        parents: parents.into_iter().map(str::to_owned).collect(),
        branch_labels: &args.branch_label,
        depends_on: Vec::new(),
        follow,
    };
    wish.decide(graph)
}

/// `merge a, b and c`, by slugs.
fn message(parents: &[&str], graph: &Graph<'_>) -> String {
    let slugs: Vec<&str> = parents.iter().map(|id| graph.node(id).map_or(*id, |node| node.slug)).collect();
    match slugs.split_last() {
        Some((last, [])) => format!("merge {last}"),
        Some((last, others)) => format!("merge {} and {last}", others.join(", ")),
        None => "merge".to_owned(),
    }
}
