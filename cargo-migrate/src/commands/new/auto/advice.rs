//! What the author of a generated revision is told: what is left to do, what it costs, and what it may not know.

use migrate_schema::{Action, Aspect, Change, ChangeSort, Id, Kind, Stage};

use crate::autogenerate::{Against, Draft};
use crate::invocation::Invocation;
use crate::manner::Sharing;
use crate::project::Project;

/// What is left to do for the author, and what the revision costs.
pub(super) fn work(drafts: &[Draft], stages: &[Stage], project: &Project, invocation: &Invocation) {
    let shell = &invocation.shell;
    for loss in stages.iter().flat_map(|stage| stage.up.losses()) {
        shell.warn(format_args!("the upgrade destroys {loss}"));
    }
    for draft in drafts {
        let file = project.shown.join(draft.decision.name.to_string()).join("up.sql");
        for column in &draft.backfills {
            shell.warn(format_args!(
                "{column} refuses NULL and has no default: write in {} what rows that are there get",
                file.display()
            ));
        }
    }
    if drafts.len() > 1 {
        shell.note(format_args!(
            "these are {} revisions, each of which must be committed before the next",
            drafts.len()
        ));
    }
}

/// What of this database the revision may not know, and takes along all the same.
pub(super) fn dangers(changes: &[Change], stages: &[Stage], against: Against, invocation: &Invocation) {
    let shell = &invocation.shell;
    let removed = changes.iter().find(|change| change.sort == ChangeSort::Removed && change.noun == "table");
    if let Some(table) = removed.filter(|_| against == Against::Database) {
        shell.note(format_args!(
            "`{0}` is in the database and in no model: if it is another program's, leave it out with \
             `--exclude {0}`, or compare with the revisions alone, `--against migrations`",
            table.name
        ));
    }
    // What is made again around a change is none of the changes.
    let is_changed = |id: &Id| changes.iter().any(|change| change.id == *id);
    let ops = stages.iter().flat_map(|stage| &stage.up.ops);
    let again = ops.filter(|op| op.action == Action::Drop && op.id.aspect == Aspect::Itself && !is_changed(&op.id));
    let views: Vec<String> = again
        .filter(|op| op.id.kind == Kind::Relation && !op.statements.is_empty())
        .map(|op| format!("`{}`", op.id.name.name))
        .collect();
    if !views.is_empty() && against == Against::Database {
        shell.note(format_args!(
            "{} is made again around the change: where no revision has made it, other databases lack it, and the \
             revision fails there",
            views.join(", ")
        ));
    }
    let shares = invocation.project().is_ok_and(|project| project.manner().transaction == Some(Sharing::All));
    if stages.len() > 1 && shares {
        shell.warn(
            "`transaction = \"all\"` in Cargo.toml runs the revisions in one transaction, and these must be committed one \
             by one: upgrade with `--transaction per-revision`",
        );
    }
}
