//! Writing the version table without running anything: stamps, and the acceptance of an edited file.

use std::collections::BTreeSet;

use crate::migration::Migration;
use crate::migrations::Migrations;
use crate::plan::Stamp;
use crate::postgres::chart::Chart;
use crate::postgres::database::Database;
use crate::postgres::dependents::refuse_dependents;
use crate::postgres::error::Error;
use crate::postgres::frame::Scope;
use crate::postgres::lock::Backoff;
use crate::postgres::message::{Message, Part};
use crate::postgres::options::Options;
use crate::postgres::reading::open;
use crate::postgres::session::Session;
use crate::postgres::state::{AppliedRevision, Edit, State};
use crate::postgres::step::GUARD_RAISED;
use crate::postgres::version_table::Progress;
use crate::qualified::Qualified;
use crate::target::Target;

/// What a stamp does with the rows that are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purge {
    /// Keeps those that have nothing to do with the targets; refuses where one is of a revision that the files do not have.
    #[default]
    Nothing,
    /// Forgets all rows of the packages that the targets speak of first, whatever they say, and whatever depends on them.
    Everything,
}

/// A stamp to carry out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamping<'run> {
    pub(crate) migrations: &'run Migrations,
    pub(crate) options: &'run Options,
    pub(crate) targets: &'run [Target],
    pub(crate) purge: Purge,
}

impl Stamping<'_> {
    /// Makes the rows those of the targets' ancestors.
    pub(crate) async fn run(self, database: Database<'_>) -> Result<Stamp, Error> {
        let chart = Chart::of(self.migrations)?;
        let write = |state: &State, session: &Session<'_>| {
            let stamp = self.decide(&chart, state)?;
            let message = self.message(&chart, state, session, &stamp);
            // What is written again is not gone.
            let gone = stamp.forgotten.iter().filter(|id| !stamp.recorded.contains(id)).cloned();
            let gone = gone.filter(|_| self.purge == Purge::Nothing).collect();
            Ok(Writing { message, answer: stamp, gone })
        };
        write_rows(self.migrations, self.options, database, write).await
    }

    fn decide(self, chart: &Chart, state: &State) -> Result<Stamp, Error> {
        let meant = chart.graph.meant(self.targets)?;
        let is_meant = |row: &&AppliedRevision| {
            let package = Qualified::of(&row.revision).package.map(str::to_owned);
            meant.as_ref().is_none_or(|meant| meant.contains(&package))
        };
        match self.purge {
            Purge::Everything => {
                let kept: BTreeSet<&str> =
                    state.rows().iter().filter(|row| !is_meant(row)).map(|row| row.revision.as_str()).collect();
                let stamp = chart.graph.plan_stamp(&kept, self.targets)?;
                let gone =
                    state.rows().iter().rev().filter(|row| is_meant(row) || stamp.forgotten.contains(&row.revision));
                Ok(Stamp { forgotten: gone.map(|row| row.revision.clone()).collect(), ..stamp })
            }
            Purge::Nothing => {
                let unknown: Vec<String> = state.unknown().filter(is_meant).map(|row| row.revision.clone()).collect();
                if !unknown.is_empty() {
                    return Err(Error::StampUnknown { revisions: unknown });
                }
                let stamp = chart.graph.plan_stamp(&state.recorded(), self.targets)?;
                self.with_unfinished(chart, state, stamp)
            }
        }
    }

    /// Adds the revisions below the targets whose rows are unfinished: a stamp says that they are applied.
    fn with_unfinished(self, chart: &Chart, state: &State, mut stamp: Stamp) -> Result<Stamp, Error> {
        let stamped = chart.graph.plan_stamp(&BTreeSet::new(), self.targets)?.recorded;
        let unfinished = stamped.iter().filter(|id| state.row(id).is_some_and(|row| !row.is_whole()));
        let recorded: BTreeSet<&String> = stamp.recorded.iter().chain(unfinished).collect();
        stamp.recorded = stamped.iter().filter(|id| recorded.contains(id)).cloned().collect();
        Ok(stamp)
    }

    /// Nothing where the rows say already what they shall.
    fn message(self, chart: &Chart, state: &State, session: &Session<'_>, stamp: &Stamp) -> Option<Message> {
        let (table, package) = (&self.options.version_table, self.migrations.package());
        let packages = self.migrations.packages();
        // What was left half done below a target is taken for done.
        let unfinished: Vec<&str> = state
            .unfinished()
            .map(|row| row.revision.as_str())
            .filter(|id| stamp.recorded.iter().any(|r| r == id))
            .collect();
        if stamp.recorded.is_empty() && stamp.forgotten.is_empty() {
            return None;
        }
        let mut message = begin(session).with(Part::Precondition, &table.unchanged(package, &packages, state.rows()));
        let gone: Vec<&str> = stamp.forgotten.iter().map(String::as_str).chain(unfinished.iter().copied()).collect();
        message.push(Part::Record, &table.forget(package, &gone));
        for migration in stamp.recorded.iter().filter_map(|id| chart.migration(id)) {
            message.push(Part::Record, &table.insert(package, migration, Progress::Whole));
        }
        Some(message.with(Part::Commit, "COMMIT"))
    }
}

/// Takes the file of an applied revision, as it is now, for what was applied. Tells how it differed.
pub(crate) async fn accept(
    migrations: &Migrations,
    options: &Options,
    name: &str,
    database: Database<'_>,
) -> Result<Option<Edit>, Error> {
    let chart = Chart::of(migrations)?;
    let id = chart.graph.find(name)?;
    let Some(migration) = chart.migration(id) else { return Err(Error::NotApplied { revision: id.to_owned() }) };
    let write = |state: &State, session: &Session<'_>| {
        let edit = edit_of(migration, state)?;
        let row = state.row(id).ok_or_else(|| Error::NotApplied { revision: id.to_owned() })?;
        let accept = options.version_table.accept(migrations.package(), migration, row);
        let message = begin(session).with(Part::Precondition, &accept).with(Part::Commit, "COMMIT");
        Ok(Writing { message: Some(message), answer: edit, gone: Vec::new() })
    };
    write_rows(migrations, options, database, write).await
}

fn edit_of(migration: &Migration, state: &State) -> Result<Option<Edit>, Error> {
    let (revision, file) = (migration.id().to_owned(), migration.up_action().file().to_owned());
    match state.row(migration.id()) {
        None => Err(Error::NotApplied { revision }),
        Some(row) if !row.is_whole() => {
            Err(Error::Unfinished { revision, file, why: "only what is applied can be accepted; finish it first" })
        }
        Some(_) => Ok(state.edited().find(|(other, ..)| other.id() == migration.id()).map(|(.., edit)| edit)),
    }
}

/// Opens the transaction and takes the lock; makes the table where there is none.
fn begin(session: &Session<'_>) -> Message {
    let frame = &session.frame;
    let mut message =
        frame.open(Scope::Transaction, frame.own_limits()).with(Part::Lock, &frame.lock.for_transaction());
    if !frame.table_exists {
        message.push(Part::CreateTable, &frame.options.version_table.create());
    }
    message
}

/// What is to be written.
struct Writing<T> {
    /// Nothing where the rows say already what they shall.
    message: Option<Message>,
    answer: T,
    /// The revisions that are forgotten by it, of which no other package may have need.
    gone: Vec<String>,
}

/// Reads the rows, writes what follows from them in one message, and begins again when they are not as they were read.
async fn write_rows<T>(
    migrations: &Migrations,
    options: &Options,
    database: Database<'_>,
    write: impl Fn(&State, &Session<'_>) -> Result<Writing<T>, Error>,
) -> Result<T, Error> {
    let (borrowed, mut state) = open(migrations, options, database).await?;
    let mut session = Session::new(borrowed.keep(), database, migrations, options, &state);
    let mut backoff = Backoff::new(options.wait_timeout);
    let outcome = async {
        loop {
            let Writing { message, answer, gone } = write(&state, &session)?;
            let Some(message) = message else { return Ok(answer) };
            refuse_dependents(migrations, options, &gone, &mut session.conn).await?;
            let Err(failed) = session.send(message).await else { return Ok(answer) };
            state = match (failed.part, failed.code()) {
                (Part::Lock, Some(GUARD_RAISED)) => session.wait(&mut backoff).await?,
                (Part::Precondition, Some(GUARD_RAISED)) if backoff.waited() < options.wait_timeout => {
                    tokio::time::sleep(backoff.next().unwrap_or_default()).await;
                    session.read_again().await?
                }
                _ => return Err(Error::Write { table: options.version_table.quoted(), source: failed.source }),
            };
        }
    }
    .await;
    session.leave(outcome.is_err()).await;
    outcome
}
