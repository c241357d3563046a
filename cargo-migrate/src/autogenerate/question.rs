//! What looks like a rename: asked about, and never guessed, because a wrong guess loses a column of data.

use std::io::{self, IsTerminal as _};

use dialoguer::Select;
use dialoguer::console::Term;
use migrate_schema::{Catalog, Rename, rename_candidates};

use crate::invocation::Invocation;
use crate::renaming;
use crate::report::{Failure, Kind};

/// The number of the signal that Ctrl-C is.
const SIGINT: u8 = 2;

/// How what looks like a rename is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    /// By whoever sits at the terminal; else it is an error.
    Asked,
    /// Nothing is one.
    None,
}

/// Asks about each object that ends beside one like it that begins.
///
/// # Errors
///
/// Where nobody is there to answer: the questions, and what to type.
pub(super) fn ask(
    current: &Catalog,
    desired: &Catalog,
    told: &[Rename],
    answers: Answers,
    invocation: &Invocation,
) -> Result<Vec<Rename>, Failure> {
    let is_new = |candidate: &Rename| {
        told.iter()
            .all(|rename| rename.from != candidate.from && !(rename.to == candidate.to && of_one(rename, candidate)))
    };
    let mut open: Vec<Rename> = rename_candidates(current, desired).into_iter().filter(is_new).collect();
    if open.is_empty() || answers == Answers::None {
        return Ok(Vec::new());
    }
    if invocation.globals.yes && is_one_to_one(&open) {
        return Ok(open);
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(unanswered(&open));
    }
    let mut answered: Vec<Rename> = Vec::new();
    while let Some(first) = open.first() {
        let (same, others): (Vec<Rename>, Vec<Rename>) =
            open.iter().cloned().partition(|candidate| candidate.from == first.from);
        open = others;
        if let Some(rename) = choose(same)? {
            // What has a name is not given that of another.
            open.retain(|candidate| !(candidate.to == rename.to && of_one(candidate, &rename)));
            answered.push(rename);
        }
    }
    Ok(answered)
}

/// Whether both are of one table, or both whole objects of one schema.
fn of_one(one: &Rename, other: &Rename) -> bool {
    let scope = |rename: &Rename| match rename.from.part.is_empty() {
        true => (rename.from.kind, rename.from.name.schema.clone(), None),
        false => (rename.from.kind, rename.from.name.schema.clone(), Some(rename.from.name.name.clone())),
    };
    scope(one) == scope(other)
}

fn is_one_to_one(open: &[Rename]) -> bool {
    open.iter().enumerate().all(|(index, one)| {
        open[index + 1..].iter().all(|other| one.from != other.from && !(one.to == other.to && of_one(one, other)))
    })
}

fn choose(candidates: Vec<Rename>) -> Result<Option<Rename>, Failure> {
    let Some(first) = candidates.first() else { return Ok(None) };
    let old = renaming::spelled(&first.from);
    let mut items: Vec<String> = candidates.iter().map(|rename| format!("renamed to `{}`", rename.to)).collect();
    items.push("dropped, and its data with it; the new one is added".to_owned());
    let chosen = Select::new()
        .with_prompt(format!("`{old}` is gone, and there is one like it: what became of it?"))
        .items(&items)
        .default(0)
        .interact_opt()
        .map_err(|dialoguer::Error::IO(error)| unasked(&error))?;
    match chosen {
        Some(index) => Ok(candidates.into_iter().nth(index)),
        None => Err(Failure::new(Kind::Usage, "nothing was made")),
    }
}

/// The question hides the cursor, and shows it again only where it is answered.
fn unasked(error: &io::Error) -> Failure {
    // The terminal is that of somebody who has left.
    let _ = Term::stderr().show_cursor();
    match error.kind() {
        io::ErrorKind::Interrupted => Failure::new(Kind::Interrupted(SIGINT), "interrupted: nothing was made"),
        _ => Failure::new(Kind::Io, format!("the terminal could not be asked: {error}")),
    }
}

fn unanswered(open: &[Rename]) -> Failure {
    let n = open.len();
    let what = match n {
        1 => "this may be a rename, which keeps the data, or an end and a beginning".to_owned(),
        n => format!("{n} of these may be renames, which keep the data, or ends and beginnings"),
    };
    let failure = Failure::new(Kind::Usage, what);
    let failure = open.iter().fold(failure, |failure, rename| {
        failure.note(format!("`{}` → `{}`: rename, or drop and add?", renaming::spelled(&rename.from), rename.to))
    });
    failure.help(format!(
        "say so with `--rename {}={}`, or `renamed_from` in the model; `--no-renames` drops and adds",
        renaming::spelled(&open[0].from),
        open[0].to
    ))
}
