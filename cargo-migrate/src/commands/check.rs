//! `cargo migrate check`: whether the revisions have all that the models want, and nothing is in the way of a release.

use migrate_runtime::plan::Direction;
use migrate_runtime::state::Edit;
use migrate_schema::ChangeSort;
use serde::Serialize;

use crate::autogenerate::{self, Against, Comparison};
use crate::database;
use crate::invocation::Invocation;
use crate::report::{Failure, Kind};
use crate::scope::Scope;
use crate::standing;
use crate::survey::Survey;

/// Fails when the models and the revisions differ, when no label tells several heads apart, or when a file was edited
/// after it was applied.
///
/// The revisions are replayed in a temporary database, as `cargo migrate diff` makes one. Whether files were edited is
/// seen where a database is named.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  cargo migrate check\n  cargo migrate check --against database\n\n\
                        With `--format json` one document: {\"ok\", \"problems\": [{\"kind\", \"message\", \"change\"?}]}; \
                        a kind is `difference`, `unsupported`, `heads`, `edited` or `pending`.")]
pub(crate) struct Args {
    /// What the models are compared with.
    #[arg(long, value_enum, default_value = "migrations", value_name = "WHAT")]
    against: Against,
    #[command(flatten)]
    scope: Scope,
}

const NEXT_TO_HEADS: &str =
    "`cargo migrate merge heads` joins them, `cargo migrate rebase REV` puts one after the other";

const NEXT_TO_EDIT: &str = "restore the file, and write the change as a new revision with `cargo migrate new`";

/// Something that is in the way.
#[derive(Debug, Serialize)]
struct Problem {
    kind: &'static str,
    message: String,
    /// What to do about it.
    #[serde(skip)]
    next: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<autogenerate::ChangeDocument>,
}

impl Problem {
    fn new(kind: &'static str, message: String, next: &'static str) -> Self {
        Self { kind, message, next, change: None }
    }
}

#[derive(Serialize)]
struct Document<'p> {
    ok: bool,
    problems: &'p [Problem],
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let mut problems = heads(invocation)?;
    // Where the heads are in question, there is no one schema that the revisions make.
    if problems.is_empty() {
        problems.extend(standing(args.against, invocation)?);
    }
    // A database that other files have made is compared with nothing either.
    let is_in_the_way = |problem: &Problem| match problem.kind {
        "edited" => args.against == Against::Database,
        kind => matches!(kind, "heads" | "pending"),
    };
    if !problems.iter().any(is_in_the_way) {
        problems.extend(differences(args, invocation)?);
    }
    let shell = &invocation.shell;
    if shell.is_json() {
        shell.json(&Document { ok: problems.is_empty(), problems: &problems });
    }
    if problems.is_empty() {
        shell.status(
            "Checked",
            format_args!("the models want nothing that {} lack{}", args.against.shown(), args.against.ending()),
        );
        return Ok(());
    }
    if shell.is_json() {
        // The document has told it.
        return Err(Failure::new(Kind::Told(Kind::Found.exit_code()), "the document has told it"));
    }
    Err(summary(&problems, args.against))
}

/// What is found, in one line, and what to do about the first of it.
fn summary(problems: &[Problem], against: Against) -> Failure {
    let n_different = problems.iter().filter(|problem| matches!(problem.kind, "difference" | "unsupported")).count();
    let others = problems.iter().filter(|problem| !matches!(problem.kind, "difference" | "unsupported"));
    let mut messages: Vec<String> = others.map(|problem| problem.message.clone()).collect();
    if n_different > 0 {
        let objects = if n_different == 1 { "object".to_owned() } else { "objects".to_owned() };
        messages.push(format!("{} and the models differ in {n_different} {objects}", against.shown()));
    }
    Failure::new(Kind::Found, messages.join("; ")).help(problems[0].next)
}

/// Heads that no label tells apart: an upgrade would not know which is meant.
fn heads(invocation: &Invocation) -> Result<Vec<Problem>, Failure> {
    let project = invocation.project()?;
    match project.history() {
        Ok(_) => Ok(Vec::new()),
        // It is read again so that everything else that is wrong with the files is told as it is elsewhere.
        Err(failure) => {
            let forked = project.history_for(Direction::Down).map_err(|_| failure)?;
            let table = forked.table(&project.package);
            let graph = table.graph().map_err(|errors| crate::refusal::graph(&errors))?;
            let heads: Vec<&str> = graph.heads().iter().map(|node| node.id).collect();
            Ok(vec![Problem::new("heads", format!("there are several heads: {}", heads.join(", ")), NEXT_TO_HEADS)])
        }
    }
}

/// How the database stands to the files, where one is named.
fn standing(against: Against, invocation: &Invocation) -> Result<Vec<Problem>, Failure> {
    let project = invocation.project()?;
    if against == Against::Migrations && database::look_for(invocation, project)?.is_none() {
        return Ok(Vec::new());
    }
    let table = project.table()?;
    let survey = match Survey::of(invocation, table) {
        Ok(survey) => survey,
        // Without the database the revisions can be replayed elsewhere.
        Err(failure)
            if against == Against::Migrations
                && failure.kind() == Kind::Database
                && invocation.globals.database_url.is_none() =>
        {
            invocation.shell.warn(format_args!("whether files were edited was not looked at: {failure}"));
            return Ok(Vec::new());
        }
        Err(failure) => return Err(failure),
    };
    let edited: Vec<&str> = survey
        .state
        .edited()
        .filter(|(_, _, edit)| *edit == Edit::Real)
        .map(|(migration, _, _)| migration.id())
        .collect();
    if !edited.is_empty() {
        return Ok(vec![Problem::new(
            "edited",
            format!("edited after it was applied: {}", edited.join(", ")),
            NEXT_TO_EDIT,
        )]);
    }
    match standing::off_heads(&survey.state, &table) {
        Some((message, next)) if against == Against::Database => {
            Ok(vec![Problem::new("pending", format!("the database is not at the heads: {message}"), next)])
        }
        _ => Ok(Vec::new()),
    }
}

fn differences(args: &Args, invocation: &Invocation) -> Result<Vec<Problem>, Failure> {
    let settled = Comparison::of(args.against, &args.scope, invocation)?.taken_at_its_word();
    let changes = settled.changes();
    autogenerate::tell(&changes, &invocation.shell);
    let problem = |change: &migrate_schema::Change| Problem {
        kind: if change.sort == ChangeSort::Unsupported { "unsupported" } else { "difference" },
        message: change.to_string(),
        next: "`cargo migrate new --auto MESSAGE` writes a revision of it",
        change: Some(settled.document(change)),
    };
    Ok(changes.iter().map(problem).collect())
}
