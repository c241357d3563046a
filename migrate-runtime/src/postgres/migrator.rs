//! The functions that an application calls.

use crate::migrations::Migrations;
use crate::plan::{Direction, Plan};
use crate::postgres::database::Database;
use crate::postgres::error::Error;
use crate::postgres::execute::{Order, look, plan, run};
use crate::postgres::options::Options;
use crate::postgres::report::Report;
use crate::postgres::state::{State, Verdict};
use crate::target::Target;

/// A table of revisions together with how to run them.
#[derive(Clone, Debug)]
pub struct Migrator<'m> {
    migrations: &'m Migrations,
    options: Options,
}

impl Migrations {
    /// The same revisions, run as `options` say.
    #[must_use]
    pub fn with(&self, options: Options) -> Migrator<'_> {
        Migrator { migrations: self, options }
    }

    /// Upgrades the database to the heads.
    ///
    /// When nothing is pending this is one round trip: no lock, no DDL. Otherwise each revision is one transaction, and
    /// of many processes that start at once each revision is applied by one.
    ///
    /// # Errors
    ///
    /// See [`Error`]. A revision that fails is rolled back and not recorded; those before it stay applied.
    pub async fn upgrade<'a>(&self, database: impl Into<Database<'a>>) -> Result<Report, Error> {
        self.with(Options::default()).upgrade(database).await
    }

    /// Upgrades the database to a revision.
    ///
    /// # Errors
    ///
    /// See [`upgrade`](Self::upgrade); also when the target is none, several, or `base`.
    pub async fn upgrade_to<'a>(
        &self,
        database: impl Into<Database<'a>>,
        target: impl Into<Target>,
    ) -> Result<Report, Error> {
        self.with(Options::default()).upgrade_to(database, target).await
    }

    /// Undoes every revision that follows the target.
    ///
    /// # Errors
    ///
    /// See [`Error`]; a plan with a revision that nothing undoes is refused before it begins.
    pub async fn downgrade_to<'a>(
        &self,
        database: impl Into<Database<'a>>,
        target: impl Into<Target>,
    ) -> Result<Report, Error> {
        self.with(Options::default()).downgrade_to(database, target).await
    }

    /// Tells how the database stands to these revisions; reads only.
    ///
    /// # Errors
    ///
    /// When the database cannot be read, when an applied revision's SQL was edited ([`Error::Edited`]), or when one that
    /// is not known here must not be run with ([`Error::Ahead`]).
    pub async fn verify<'a>(&self, database: impl Into<Database<'a>>) -> Result<Verdict, Error> {
        self.with(Options::default()).verify(database).await
    }
}

impl Migrator<'_> {
    /// Upgrades the database to the heads; see [`Migrations::upgrade`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn upgrade<'a>(&self, database: impl Into<Database<'a>>) -> Result<Report, Error> {
        self.upgrade_to(database, Target::heads()).await
    }

    /// Upgrades the database to a revision; see [`Migrations::upgrade_to`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn upgrade_to<'a>(
        &self,
        database: impl Into<Database<'a>>,
        target: impl Into<Target>,
    ) -> Result<Report, Error> {
        self.go(Direction::Up, &target.into(), database.into()).await
    }

    /// Undoes every revision that follows the target; see [`Migrations::downgrade_to`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn downgrade_to<'a>(
        &self,
        database: impl Into<Database<'a>>,
        target: impl Into<Target>,
    ) -> Result<Report, Error> {
        self.go(Direction::Down, &target.into(), database.into()).await
    }

    /// Tells how the database stands to these revisions; see [`Migrations::verify`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn verify<'a>(&self, database: impl Into<Database<'a>>) -> Result<Verdict, Error> {
        let state = self.state(database).await?;
        state.refuse_edits()?;
        if state.unknown().any(|row| row.breaks_older) {
            return Err(Error::Ahead { revisions: state.unknown().map(|row| row.revision.clone()).collect() });
        }
        Ok(state.verdict())
    }

    /// Reads the rows of this package, in one round trip.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached or read.
    pub async fn state<'a>(&self, database: impl Into<Database<'a>>) -> Result<State, Error> {
        look(self.migrations, &self.options, database.into()).await
    }

    /// Reads the database and tells which steps an upgrade or a downgrade would take, and refuses what it would refuse.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn plan<'a>(
        &self,
        direction: Direction,
        database: impl Into<Database<'a>>,
        target: impl Into<Target>,
    ) -> Result<(Plan, State), Error> {
        let order = Order { migrations: self.migrations, options: &self.options, direction, target: &target.into() };
        plan(order, database.into()).await
    }

    async fn go(&self, direction: Direction, target: &Target, database: Database<'_>) -> Result<Report, Error> {
        run(Order { migrations: self.migrations, options: &self.options, direction, target }, database).await
    }
}
