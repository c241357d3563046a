//! Whether a new revision forks the history in a way that the build refuses, and how it can be made instead.

use migrate_build::Outline;
use migrate_build::header::{self, Header, Style};
use migrate_build::name::FolderName;
use migrate_runtime::graph::{Graph, SeveralHeads};

use crate::report::{Failure, Kind};
use crate::shell::Shell;

/// Heads that no branch label would tell apart, because of a new revision.
#[derive(Debug)]
pub(crate) struct Fork {
    revision: String,
    several: SeveralHeads,
    /// The labels that are missing.
    labels: String,
    /// The heads as they are without the revision.
    heads: Vec<String>,
}

/// Builds the graph as it would be, so that a refused label or a new fork is found before anything is written.
pub(crate) fn check(name: &FolderName, header: &Header, graph: &Graph<'_>) -> Result<Option<Fork>, Failure> {
    let usage = |message: String| Failure::new(Kind::Usage, message);
    if let Err(errors) = header::parse(&header.render(Style::Sql), Style::Sql) {
        let failures = errors.into_iter().map(|error| usage(error.message).help(error.help)).collect();
        return Failure::all(failures).map(|()| None);
    }
    let mut nodes = graph.nodes().to_vec();
    nodes.push(Outline::node(name, header));
    let after = match Graph::new(nodes) {
        Ok(after) => after,
        Err(errors) => {
            let failures = errors.into_iter().map(|error| usage(error.to_string())).collect();
            return Failure::all(failures).map(|()| None);
        }
    };
    let Err(several) = after.check_heads() else { return Ok(None) };
    let alike = after.unlabelled_heads();
    // A fork that is there already is no reason to refuse what leaves it as it was.
    if alike.len() <= graph.unlabelled_heads().len() {
        return Ok(None);
    }
    let heads = graph.heads().iter().map(|head| head.id.to_owned()).collect();
    Ok(Some(Fork { revision: name.id().to_owned(), several, labels: missing_labels(name, &alike), heads }))
}

/// The labels that would tell heads apart which are `alike`.
fn missing_labels(name: &FolderName, alike: &[&str]) -> String {
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
    labels.join(", and ")
}

impl Fork {
    /// Where nobody asked for it.
    pub(crate) fn refusal(&self) -> Failure {
        let follow = self.heads.iter().map(|head| format!("`--head {head}`")).collect::<Vec<_>>().join(" or ");
        Failure::new(Kind::Target("unlabelled_heads"), format!("this would make {}", self.several)).help(format!(
            "follow a head with {follow}, or give each branch a label: {}; `--splice` makes the fork all the same",
            self.labels
        ))
    }

    /// Where somebody did: what the build will say, and the ways out.
    pub(crate) fn warn(&self, shell: &Shell) {
        shell.warn(format_args!("the build refuses what is here now: {}", self.several));
        // The option is of no use any more.
        let labels = self.labels.replace("`--branch-label LABEL` for this one", "`branch-label: LABEL` in its header");
        shell.note(format_args!("give each branch a label: {labels}"));
        shell.note(format_args!(
            "or join them with `cargo migrate merge heads`, or move this one with `cargo migrate rebase {}`",
            self.revision
        ));
    }
}
