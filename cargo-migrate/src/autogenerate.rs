//! What a revision would have to do: the schema as it is, beside the one that the package says it shall be.

mod draft;
mod question;

use clap::ValueEnum;
use migrate_schema::{
    Catalog, Change, ChangeSort, Id, Kind, Name, Object, Options, Rename, changes, successive_renames,
};
use serde::Serialize;

use crate::invocation::Invocation;
use crate::models;
use crate::renaming;
use crate::report::{self, Failure, Place};
use crate::scope::Scope;
use crate::shell::Shell;
use crate::source::Source;
use crate::standing;
use crate::survey::Survey;

pub(crate) use self::draft::{Draft, Subject};
pub(crate) use self::question::Answers;

/// What the desired schema is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Against {
    /// The database, which must be at the heads.
    Database,
    /// The revisions, replayed from base to the heads in a dev database.
    Migrations,
}

impl Against {
    /// What it is called where it is told.
    pub(crate) const fn shown(self) -> &'static str {
        match self {
            Self::Database => "the database",
            Self::Migrations => "the migrations",
        }
    }

    /// The ending of its verb.
    pub(crate) const fn ending(self) -> &'static str {
        match self {
            Self::Database => "s",
            Self::Migrations => "",
        }
    }
}

/// Two schemas, and what is known of how one becomes the other.
#[derive(Debug)]
pub(crate) struct Comparison {
    pub(crate) current: Catalog,
    pub(crate) desired: Catalog,
    /// What gets another name, as the models say.
    renames: Vec<Rename>,
    /// Where the desired schema comes from.
    source: Source,
}

/// A comparison of which it is known what keeps its data and gets another name.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) current: Catalog,
    pub(crate) desired: Catalog,
    pub(crate) options: Options,
    source: Source,
}

impl Comparison {
    /// Reads both schemas.
    ///
    /// # Errors
    ///
    /// Where the database is not at the heads: what is pending would be told as a difference, and written twice.
    pub(crate) fn of(against: Against, scope: &Scope, invocation: &Invocation) -> Result<Self, Failure> {
        let mut desired = Source::parse("models", "", invocation)?;
        let mut current = match against {
            Against::Migrations => Source::parse("migrations", "", invocation)?,
            Against::Database => {
                check_heads(invocation)?;
                Source::parse("database", "", invocation)?
            }
        };
        let (current, desired_catalog) = scope.read(&mut current, &mut desired, invocation)?;
        let renames = told_by(&desired, &current);
        Ok(Self { current, desired: desired_catalog, renames, source: desired })
    }

    /// Settles what gets another name: as it was typed, as the models say, as it is answered.
    pub(crate) fn settle(
        self,
        typed: &[String],
        answers: Answers,
        invocation: &Invocation,
    ) -> Result<Settled, Failure> {
        let mut renames = renaming::parse(typed, &self.current)?;
        let is_of_tables = self.source.is_of_tables();
        let typed = renames.clone();
        let is_typed = |rename: &Rename| typed.iter().any(|typed| typed.from == rename.from);
        renames.extend(self.renames.iter().filter(|rename| !is_typed(rename)).cloned());
        renaming::check(&typed, &renames, &self.current, &self.desired, |id| {
            !is_of_tables
                || !id.part.is_empty()
                || matches!(self.current.get(id), Some(Object::Table(_) | Object::Enum(_)))
        })?;
        let more = question::ask(&self.current, &self.desired, &renames, answers, invocation)?;
        renames.extend(more);
        Ok(self.with(renames))
    }

    /// Takes what the models say of renames for true, and nothing else for a rename.
    pub(crate) fn taken_at_its_word(mut self) -> Settled {
        let renames = std::mem::take(&mut self.renames);
        self.with(renames)
    }

    fn with(self, renames: Vec<Rename>) -> Settled {
        let Self { mut current, desired, source, .. } = self;
        let desired = source.complete(desired, &mut current, &renames);
        Settled { current, desired, options: Options::default().with_renames(renames), source }
    }
}

impl Settled {
    /// What differs, as a person would say it.
    pub(crate) fn changes(&self) -> Vec<Change> {
        changes(&self.current, &self.desired, &self.options)
    }

    /// A change as a document has it, with the place in the models that asks for it.
    pub(crate) fn document(&self, change: &Change) -> ChangeDocument {
        let place = match &self.source {
            Source::Models(models) => models.place_of(&change.id),
            _ => None,
        };
        ChangeDocument::new(change, place)
    }
}

/// Tells what was detected, one line an object, as Alembic does.
pub(crate) fn tell(changes: &[Change], shell: &Shell) {
    for change in changes {
        match change.sort {
            ChangeSort::Unsupported => shell.warn(format_args!("detected {change}")),
            _ => shell.status("Detected", change),
        }
    }
}

/// A change as a document has it.
#[derive(Debug, Serialize)]
pub(crate) struct ChangeDocument {
    change: &'static str,
    kind: &'static str,
    object: String,
    detail: String,
    /// Where the models ask for it.
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
}

impl ChangeDocument {
    fn new(change: &Change, place: Option<Place>) -> Self {
        let word = match change.sort {
            ChangeSort::Added => "added",
            ChangeSort::Removed => "removed",
            ChangeSort::Renamed => "renamed",
            ChangeSort::Unsupported => "unsupported",
            _ => "changed",
        };
        let position = place.as_ref().and_then(|place| place.position);
        Self {
            change: word,
            kind: change.noun,
            object: change.name.clone(),
            detail: change.detail.clone(),
            line: position.map(|position| position.line),
            column: position.map(|position| position.column),
            file: place.map(|place| place.file.display().to_string()),
        }
    }
}

fn check_heads(invocation: &Invocation) -> Result<(), Failure> {
    let table = invocation.project()?.table()?;
    let survey = Survey::of(invocation, table).map_err(|failure| match failure.kind() {
        report::Kind::Usage => {
            failure.note("`--against migrations` compares with the revisions alone, and needs no database of yours")
        }
        _ => failure,
    });
    let Survey { state, database } = survey?;
    match standing::off_heads(&state, &table) {
        None => Ok(()),
        Some((message, next)) => Err(Failure::new(
            report::Kind::Database,
            format!("{database} is not at the heads, and is to be compared with the models: {message}"),
        )
        .note("what it lacks would be written a second time; `--against migrations` compares with the revisions alone")
        .help(next)),
    }
}

/// What the models of a source say had another name, where the other schema still has that.
pub(crate) fn told_by(source: &Source, current: &Catalog) -> Vec<Rename> {
    let told = match source {
        Source::Models(models) => models.renames(),
        _ => &[],
    };
    of_models(told, current)
}

/// The renames that models tell, where the schema still has the old name, and the new one is free or is freed by another
/// of them. What would trade its name with another is none: afterwards it would be told still.
fn of_models(told: &[models::Rename], current: &Catalog) -> Vec<Rename> {
    let name = |name: &models::Name| Name::new(&*name.schema, &*name.name);
    let wholes: Vec<Rename> = told
        .iter()
        .filter_map(|rename| match rename {
            models::Rename::Table { table, from } => {
                let from = Id::relation(&Name::new(&*table.schema, from.as_str()));
                Some(Rename { from, to: table.name.as_str().into() })
            }
            models::Rename::Type { name, from } => {
                let from = Id::new(Kind::Type, Name::new(&*name.schema, from.as_str()));
                Some(Rename { from, to: name.name.as_str().into() })
            }
            _ => None,
        })
        .collect();
    let wholes = successive_renames(&wholes, current);
    // Parts are told by the name that their table or type has now.
    let whole = |kind: Kind, of: &models::Name| {
        let new = name(of);
        let is_it =
            |whole: &&Rename| whole.from.kind == kind && whole.from.name.schema == new.schema && whole.to == new.name;
        wholes.iter().find(is_it).map_or_else(|| new.clone(), |whole| whole.from.name.clone())
    };
    let parts: Vec<Rename> = told
        .iter()
        .filter_map(|rename| match rename {
            models::Rename::Column { table, column, from } => Some(Rename {
                from: Id::column(&whole(Kind::Relation, table), from.as_str()),
                to: column.as_str().into(),
            }),
            models::Rename::Label { of, label, from } => Some(Rename {
                from: Id::part(Kind::Type, whole(Kind::Type, of), from.as_str()),
                to: label.as_str().into(),
            }),
            _ => None,
        })
        .collect();
    let parts = successive_renames(&parts, current);
    wholes.into_iter().chain(parts).collect()
}
