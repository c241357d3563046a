//! `cargo migrate status`.

use migrate_build::History;
use migrate_runtime::state::{AppliedRevision, Edit, State};
use migrate_runtime::table::{Action, Migration, Transaction};
use migrate_runtime::{Migrations, Verdict};
use serde_json::json;

use crate::invocation::Invocation;
use crate::report::{Failure, Kind};
use crate::survey::Survey;

/// Shows what is applied, pending, ahead or diverged.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo migrate status --exit-code")]
pub(crate) struct Args {
    /// Exit with 5 unless the database is at the heads.
    #[arg(long)]
    pub(crate) exit_code: bool,
}

/// How the database stands, worst first: an edited file hides what else would be said.
#[derive(Debug)]
struct Standing {
    state: &'static str,
    message: String,
    next: &'static str,
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let history = invocation.project()?.history()?;
    let survey = Survey::make(invocation, &history)?;
    let standing = Standing::of(&survey.state, &history.table(&invocation.project()?.package));
    if invocation.shell.is_json() {
        invocation.shell.json(&document(&survey, &standing));
    } else {
        print(invocation, &survey, &history, &standing);
    }
    if args.exit_code && standing.state != "current" {
        return Err(Failure::new(Kind::Found, standing.message).help(standing.next));
    }
    Ok(())
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
                next: match migrations.migration(&revisions[0]).map(Migration::up_action) {
                    Some(Action::Uncompiled(_)) => {
                        "the next one is Rust: run the application, which upgrades when it starts"
                    }
                    _ => "`cargo migrate upgrade` applies them",
                },
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

fn document(survey: &Survey, standing: &Standing) -> serde_json::Value {
    let ids = |rows: &mut dyn Iterator<Item = &str>| rows.map(str::to_owned).collect::<Vec<_>>();
    let applied = survey.state.applied();
    json!({
        "state": standing.state,
        "message": standing.message,
        "database": survey.database,
        "applied": applied,
        "pending": ids(&mut survey.state.pending()),
        "unknown": ids(&mut survey.state.unknown().map(|row| row.revision.as_str())),
        "lost": ids(&mut survey.state.lost().map(|row| row.revision.as_str())),
        "partial": ids(&mut survey.state.unfinished().map(|row| row.revision.as_str())),
        "edited": ids(&mut survey.state.edited().map(|(migration, _, _)| migration.id())),
        "heads": ids(&mut survey.state.heads().into_iter().map(|row| row.revision.as_str())),
    })
}

fn print(invocation: &Invocation, survey: &Survey, history: &History, standing: &Standing) {
    let shell = &invocation.shell;
    shell.data(format_args!("{}: {}", standing.state, standing.message));
    shell.data(format_args!("database {}", survey.database));
    for files in history.revisions() {
        let mark = match survey.state.row(files.id()) {
            Some(row) if row.is_whole() => format!("applied  {}", row.applied_at),
            Some(row) => match row.down_statements_done {
                None => format!("partial  {} of {} statements done", row.statements_done, row.statements),
                Some(n_done) => format!("partial  {n_done} statements of its downgrade done"),
            },
            None => "pending".to_owned(),
        };
        shell.data(format_args!("  {} {}  {mark}", files.id(), files.header().summary));
    }
    for (rows, mark) in
        [(survey.state.foreign().collect::<Vec<_>>(), "unknown"), (survey.state.lost().collect(), "its file is gone")]
    {
        for row in rows {
            shell.data(format_args!("  {} {}  {mark}  {}", row.revision, row.summary, row.applied_at));
        }
    }
    for (migration, _, edit) in survey.state.edited() {
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
