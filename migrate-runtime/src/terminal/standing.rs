//! How a database stands to the files: applied, pending, ahead, diverged, partial, edited, lost.

use serde_json::json;

use crate::state::{AppliedRevision, Edit, State};
use crate::table::Transaction;
use crate::terminal::report::{Failure, Kind};
use crate::terminal::shell::Shell;
use crate::{Migrations, Verdict};

/// Shows it.
///
/// # Errors
///
/// With `exit_code`, unless the database is at the heads.
pub fn show(
    shell: &Shell,
    state: &State,
    migrations: &Migrations,
    database: &str,
    exit_code: bool,
) -> Result<(), Failure> {
    let standing = Standing::of(state, migrations);
    if shell.is_json() {
        shell.json(&document(state, database, &standing));
    } else {
        print(shell, state, migrations, database, &standing);
    }
    if exit_code && standing.state != "current" {
        return Err(Failure::new(Kind::Found, standing.message).help(standing.next));
    }
    Ok(())
}

/// What a database is that is not at the heads, and what to do about it; nothing where it is.
#[must_use]
pub fn off_heads(state: &State, migrations: &Migrations) -> Option<(String, &'static str)> {
    let standing = Standing::of(state, migrations);
    (standing.state != "current").then_some((standing.message, standing.next))
}

/// How the database stands, worst first: an edited file hides what else would be said.
#[derive(Debug)]
struct Standing {
    state: &'static str,
    message: String,
    next: &'static str,
}

impl Standing {
    fn of(state: &State, migrations: &Migrations) -> Self {
        let n_files = migrations.list().len();
        let edited: Vec<&str> =
            state.edited().filter(|(_, _, edit)| *edit == Edit::Real).map(|(migration, _, _)| migration.id()).collect();
        let partial: Vec<&str> = state.unfinished().map(|row| row.revision.as_str()).collect();
        if !edited.is_empty() {
            return Self {
                state: "edited",
                message: format!("edited after it was applied: {}", edited.join(", ")),
                next: "restore the file, and write the change as a new revision with `cargo migrate new`",
            };
        }
        if !partial.is_empty() {
            return Self {
                state: "partial",
                message: format!("begun and not finished: {}", partial.join(", ")),
                next: Self::after_partial(state, migrations),
            };
        }
        match state.verdict() {
            Verdict::Pending { revisions } => Self {
                state: "pending",
                message: format!("{} of {} not applied", revisions.len(), n_revisions(n_files)),
                next: "`cargo migrate upgrade` applies them",
            },
            Verdict::Ahead { unknown } if state.foreign().any(|row| row.breaks_older) => Self {
                state: "ahead",
                message: format!("applied, not in the files, and not to be run with: {}", unknown.join(", ")),
                next: "a newer release was here, and these files refuse to run after it; use its files",
            },
            Verdict::Ahead { unknown } => Self {
                state: "ahead",
                message: format!("applied and not in the files: {}", unknown.join(", ")),
                next: "a newer release was here; use its files",
            },
            Verdict::Diverged { unknown, pending } => Self {
                state: "diverged",
                message: format!("the database has {}, and lacks {}", unknown.join(", "), pending.join(", ")),
                next: "`cargo migrate switch` undoes what only the database has, then upgrades; or bring the missing files here",
            },
            _ if state.lost().next().is_some() => Self {
                state: "lost",
                message: format!("applied, and their files are gone: {}", joined(state.lost())),
                next: "restore them, `git log --diff-filter=D --stat` shows where they went: a new database does not get what they did",
            },
            _ => {
                Self { state: "current", message: format!("{} applied, none pending", n_revisions(n_files)), next: "" }
            }
        }
    }

    /// What finishes an unfinished revision.
    fn after_partial(state: &State, migrations: &Migrations) -> &'static str {
        let transactional = |row: &AppliedRevision| {
            let migration = migrations.migration(&row.revision);
            migration.is_some_and(|migration| migration.up_action().transaction() == Transaction::PerRevision)
        };
        if state.unfinished().any(|row| row.down_statements_done.is_some()) {
            "its downgrade was cut off: `cargo migrate downgrade` to the revision before it goes on"
        } else if state.unfinished().any(transactional) {
            "`cargo migrate upgrade`, or the application, says what is in the way"
        } else {
            "`cargo migrate upgrade` goes on where it stopped"
        }
    }
}

fn joined<'r>(rows: impl Iterator<Item = &'r AppliedRevision>) -> String {
    rows.map(|row| row.revision.as_str()).collect::<Vec<_>>().join(", ")
}

fn n_revisions(n: usize) -> String {
    format!("{n} revision{}", if n == 1 { "" } else { "s" })
}

fn document(state: &State, database: &str, standing: &Standing) -> serde_json::Value {
    let ids = |rows: &mut dyn Iterator<Item = &str>| rows.map(str::to_owned).collect::<Vec<_>>();
    let applied = state.applied();
    json!({
        "state": standing.state,
        "message": standing.message,
        "database": database,
        "applied": applied,
        "pending": ids(&mut state.pending()),
        "unknown": ids(&mut state.unknown().map(|row| row.revision.as_str())),
        "lost": ids(&mut state.lost().map(|row| row.revision.as_str())),
        "partial": ids(&mut state.unfinished().map(|row| row.revision.as_str())),
        "edited": ids(&mut state.edited().map(|(migration, _, _)| migration.id())),
        "heads": ids(&mut state.heads().into_iter().map(|row| row.revision.as_str())),
    })
}

fn print(shell: &Shell, state: &State, migrations: &Migrations, database: &str, standing: &Standing) {
    shell.data(format_args!("{}: {}", standing.state, standing.message));
    shell.data(format_args!("database {database}"));
    for migration in migrations.list() {
        let mark = match state.row(migration.id()) {
            Some(row) if row.is_whole() => format!("applied  {}", row.applied_at),
            Some(row) => match row.down_statements_done {
                None => format!("partial  {} of {} statements done", row.statements_done, row.statements),
                Some(n_done) => format!("partial  {n_done} statements of its downgrade done"),
            },
            None => "pending".to_owned(),
        };
        shell.data(format_args!("  {} {}  {mark}", migration.id(), migration.summary_text()));
    }
    for (rows, mark) in [(state.foreign().collect::<Vec<_>>(), "unknown"), (state.lost().collect(), "its file is gone")]
    {
        for row in rows {
            shell.data(format_args!("  {} {}  {mark}  {}", row.revision, row.summary, row.applied_at));
        }
    }
    for (migration, _, edit) in state.edited() {
        let how = match edit {
            Edit::Cosmetic => "comments or white space changed",
            Edit::Real => "its SQL changed",
        };
        shell.data(format_args!("  {} edited: {how} in {}", migration.id(), migration.up_action().file()));
    }
    if !standing.next.is_empty() {
        shell.note(standing.next);
    }
}
