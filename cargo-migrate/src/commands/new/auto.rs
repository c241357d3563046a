//! `cargo migrate new --auto`: a revision whose SQL is what the models and SQL files of the package lack.

mod advice;

use std::path::PathBuf;

use migrate_runtime::graph::Graph;
use migrate_schema::stages;
use serde::Serialize;

use super::{crates_of, open, wish};
use crate::autogenerate::{self, Against, Answers, ChangeDocument, Comparison, Draft, Subject};
use crate::creation::{self, Document as Made};
use crate::editor::Editor;
use crate::folder_lock::FolderLock;
use crate::hooks;
use crate::invocation::Invocation;
use crate::report::{Failure, Kind};
use crate::scaffold::File;
use crate::scope::Scope;

/// What is written, and how it is found.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Options of --auto")]
pub(crate) struct Auto {
    /// Write the SQL: what the schema lacks of the models and SQL files.
    #[arg(id = "auto", long = "auto", alias = "autogenerate", conflicts_with = "rust")]
    is_asked: bool,
    /// What the models are compared with, the database unless told otherwise; `migrations` needs no database that is at the
    /// heads, and none at all where PostgreSQL is installed.
    #[arg(long, value_enum, value_name = "WHAT")]
    against: Option<Against>,
    /// A table, column, type or enum value that keeps its data and gets another name, as in `users=accounts` or
    /// `users.name=full_name`; may be given several times.
    #[arg(long, value_name = "OLD=NEW")]
    rename: Vec<String>,
    /// What looks like a rename is none: the one is dropped, with its data, and the other added.
    #[arg(long)]
    no_renames: bool,
    /// Put what takes long on a table in use into a revision of its own, which runs in no transaction: indexes are made
    /// `CONCURRENTLY`, rows are checked under a lock that lets others write. Also the key `online`.
    #[arg(long)]
    online: bool,
    #[command(flatten)]
    scope: Scope,
}

#[derive(Serialize)]
struct Document {
    revisions: Vec<Made>,
    changes: Vec<ChangeDocument>,
}

impl Auto {
    /// Whether the SQL is to be written.
    ///
    /// # Errors
    ///
    /// Where an option is given that says how, and not that.
    pub(super) fn is_wanted(&self) -> Result<bool, Failure> {
        let is_in_vain = !self.rename.is_empty()
            || self.no_renames
            || self.online
            || self.against.is_some()
            || self.scope.is_narrowed();
        if is_in_vain && !self.is_asked {
            return Err(Failure::new(Kind::Usage, "an option of `--auto` is given, and `--auto` is not")
                .help("`cargo migrate new --auto MESSAGE` writes the SQL of a revision"));
        }
        Ok(self.is_asked)
    }
}

pub(super) fn run(args: &super::Args, editor: Option<Editor>, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let auto = &args.auto;
    let against = auto.against.unwrap_or(Against::Database);
    let lock = FolderLock::of(&project.dir, &project.shown)?;
    let outline = project.outline()?;
    let graph = outline.graph();
    let crates = crates_of(args, project)?;
    // What is wrong with the name or the parent is told before a database is asked.
    let decision = wish(args, &graph, crates)?.decide(&graph)?;
    follows_heads(&decision.header.parents, &graph)?;

    let comparison = Comparison::of(against, &auto.scope, invocation)?;
    let answers = if auto.no_renames { Answers::None } else { Answers::Asked };
    let settled = comparison.settle(&auto.rename, answers, invocation)?;
    let changes = settled.changes();
    autogenerate::tell(&changes, &invocation.shell);
    let is_online = auto.online || project.desired.online.unwrap_or(false);
    let stages = stages(&settled.current, &settled.desired, &settled.options, is_online);
    if stages.iter().all(|stage| stage.up.ops.is_empty()) {
        return nothing(&changes, against, invocation);
    }
    let subject = Subject { wish: wish(args, &graph, crates)?, has_down: !args.sql_only_up };
    let drafts = Draft::of(&stages, subject, &graph)?;
    let revisions: Vec<(&creation::Decision, &[File])> =
        drafts.iter().map(|draft| (&draft.decision, draft.files.as_slice())).collect();
    creation::write_all(&revisions, project)?;
    drop(lock);

    let made: Vec<Made> =
        revisions.iter().map(|(decision, files)| decision.tell_files(invocation, project, files)).collect();
    advice::work(&drafts, &stages, project, invocation);
    advice::dangers(&changes, &stages, against, invocation);
    if invocation.shell.is_json() {
        let changes = changes.iter().map(|change| settled.document(change)).collect();
        invocation.shell.json(&Document { revisions: made, changes });
    } else {
        invocation.shell.lines(made.iter().map(|made| &made.folder));
    }
    let files: Vec<PathBuf> =
        revisions.iter().flat_map(|(decision, files)| decision.paths(&project.dir, files)).collect();
    hooks::run(&files, project, invocation)?;
    open(editor, &files)
}

/// Refuses to follow a revision that has a child: what is compared with is at the heads, and the difference is from there.
fn follows_heads(parents: &[String], graph: &Graph<'_>) -> Result<(), Failure> {
    let heads: Vec<&str> = graph.heads().iter().map(|node| node.id).collect();
    let is_at_heads =
        if parents.is_empty() { heads.is_empty() } else { parents.iter().all(|id| heads.contains(&&**id)) };
    if is_at_heads {
        return Ok(());
    }
    Err(Failure::new(Kind::Usage, "`--auto` writes what the heads lack, so the revision must follow a head")
        .help(format!("leave `--head` out, or name one: {}", heads.join(", "))))
}

/// There is nothing to write.
fn nothing(changes: &[migrate_schema::Change], against: Against, invocation: &Invocation) -> Result<(), Failure> {
    if !changes.is_empty() {
        return Err(Failure::new(Kind::Failed, "no statement could be written for what differs")
            .help("write it as a revision of your own: `cargo migrate new MESSAGE`"));
    }
    invocation.shell.status(
        "Unchanged",
        format_args!("the models want nothing that {} lack{}: no revision was made", against.shown(), against.ending()),
    );
    if invocation.shell.is_json() {
        invocation.shell.json(&Document { revisions: Vec::new(), changes: Vec::new() });
    }
    Ok(())
}
