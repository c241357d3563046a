//! The functions that an application calls.

use std::time::Duration;

use crate::migrations::Migrations;
use crate::plan::{Direction, Plan, Stamp};
use crate::postgres::database::Database;
use crate::postgres::error::Error;
use crate::postgres::execute::{Order, plan, plan_switch, run};
use crate::postgres::goal::{Goal, refuse_uncompiled};
use crate::postgres::lock::Backoff;
use crate::postgres::offline;
use crate::postgres::options::Options;
use crate::postgres::reading::look;
use crate::postgres::report::Report;
use crate::postgres::stamping::{Purge, Stamping, accept};
use crate::postgres::state::{Edit, State, Verdict};
use crate::range::Range;
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

    /// Waits until somebody else has upgraded the database to these revisions, or past them: for replicas that leave the
    /// upgrade to one of them. Reads only, each time in one round trip, with pauses that grow to a second.
    ///
    /// # Errors
    ///
    /// [`Error::NotCurrent`] when that takes longer than `limit`; what [`verify`](Self::verify) refuses, at once; that the
    /// database cannot be reached, in the end.
    pub async fn wait_until_current<'a>(
        &self,
        database: impl Into<Database<'a>>,
        limit: Duration,
    ) -> Result<Verdict, Error> {
        self.with(Options::default()).wait_until_current(database, limit).await
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

    /// Waits until somebody else has upgraded the database; see [`Migrations::wait_until_current`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn wait_until_current<'a>(
        &self,
        database: impl Into<Database<'a>>,
        limit: Duration,
    ) -> Result<Verdict, Error> {
        let database = database.into();
        let mut pauses = Backoff::new(limit);
        loop {
            let seen = self.verify(database).await;
            let pending = match &seen {
                Ok(Verdict::Pending { revisions }) => Some(revisions.clone()),
                // A database that is away may be one that starts.
                Err(Error::Connect { .. } | Error::Read { .. }) => None,
                Ok(Verdict::Diverged { unknown, pending }) => {
                    return Err(Error::Diverged { unknown: unknown.clone(), pending: pending.clone() });
                }
                _ => return seen,
            };
            match (pauses.next(), pending) {
                (Some(pause), _) => tokio::time::sleep(pause).await,
                (None, Some(pending)) => return Err(Error::NotCurrent { limit, pending }),
                (None, None) => return seen,
            }
        }
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
        let target = target.into();
        plan(self.order(Goal::to(direction, &target)), database.into()).await
    }

    /// Brings a database that another branch has upgraded to this one: undoes every applied revision that these files do
    /// not have, but for those that files of this one were built on, and what depends on it, with the downgrades that are stored in the version table; then upgrades to the
    /// heads.
    ///
    /// # Errors
    ///
    /// See [`Error`]; what can be seen before anything is undone is refused then, as [`Error::NothingStored`].
    pub async fn switch<'a>(&self, database: impl Into<Database<'a>>) -> Result<Report, Error> {
        let database = database.into();
        let (plan, _) = plan_switch(self.migrations, &self.options, database).await?;
        refuse_uncompiled(self.migrations, &plan)?;
        let back = run(self.order(Goal::Return), database).await?;
        let mut report = self.upgrade(database).await?;
        report.steps.splice(0..0, back.steps);
        Ok(report)
    }

    /// Tells which steps a [`switch`](Self::switch) would take, and refuses what it would refuse.
    ///
    /// # Errors
    ///
    /// See there.
    pub async fn plan_switch<'a>(&self, database: impl Into<Database<'a>>) -> Result<(Plan, State), Error> {
        plan_switch(self.migrations, &self.options, database.into()).await
    }

    /// Records that everything up to the targets is applied, and nothing that follows them; runs nothing.
    ///
    /// # Errors
    ///
    /// When a target names nothing or several things, or counts steps; when the database has revisions that the files do
    /// not have, and they are not purged; when the table cannot be written.
    pub async fn stamp<'a>(
        &self,
        database: impl Into<Database<'a>>,
        targets: &[Target],
        purge: Purge,
    ) -> Result<Stamp, Error> {
        let stamping = Stamping { migrations: self.migrations, options: &self.options, targets, purge };
        stamping.run(database.into()).await
    }

    /// Records the file of an applied revision as it is now, after an edit that was meant; tells how it differed from what
    /// was applied.
    ///
    /// # Errors
    ///
    /// When it is not applied, or not wholly; when the table cannot be written.
    pub async fn accept<'a>(&self, database: impl Into<Database<'a>>, revision: &str) -> Result<Option<Edit>, Error> {
        accept(self.migrations, &self.options, revision, database.into()).await
    }

    /// Offline mode: the SQL of an upgrade or a downgrade, for somebody else to run with psql. It creates and fills the
    /// version table, and leaves what a run leaves. A range without a beginning begins at base.
    ///
    /// ```
    /// # use migrate_runtime::table::{Action, Checksum, Migration, Script, Span};
    /// # static MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::Migrations::new(
    /// #     "shop",
    /// #     &[Migration::new("1", "users", [Checksum::new([0; 32]); 2], Action::Sql(Script::new("up.sql", "CREATE TABLE u ()", &[Span::new(0, 17)])))],
    /// # );
    /// use migrate_runtime::plan::Direction;
    /// use migrate_runtime::{Options, Range};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), migrate_runtime::Error> {
    /// let sql = MIGRATIONS.with(Options::default()).sql(Direction::Up, &Range::new("base", "heads")).await?;
    /// assert!(sql.contains("CREATE TABLE u ();"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When an end of the range names nothing or several things; when a Rust revision asks for its connection, or fails.
    pub async fn sql(&self, direction: Direction, range: &Range) -> Result<String, Error> {
        offline::render(self.migrations, &self.options, direction, range).await
    }

    /// Offline mode: the SQL of a stamp. Without `from` nothing is recorded yet.
    ///
    /// # Errors
    ///
    /// When a target names nothing or several things.
    pub fn stamp_sql(&self, from: Option<&Target>, targets: &[Target]) -> Result<String, Error> {
        offline::render_stamp(self.migrations, &self.options, from, targets)
    }

    /// The same, with a listener more.
    #[cfg(feature = "command")]
    pub(crate) fn also_on_event(self, listener: impl Fn(&crate::Event) + Send + Sync + 'static) -> Self {
        Self { options: self.options.also_on_event(listener), ..self }
    }

    /// The same, with other options.
    #[cfg(feature = "command")]
    pub(crate) fn try_options<E>(self, change: impl FnOnce(Options) -> Result<Options, E>) -> Result<Self, E> {
        Ok(Self { options: change(self.options)?, ..self })
    }

    /// The revisions.
    #[cfg(feature = "command")]
    pub(crate) const fn migrations(&self) -> &Migrations {
        self.migrations
    }

    async fn go(&self, direction: Direction, target: &Target, database: Database<'_>) -> Result<Report, Error> {
        run(self.order(Goal::to(direction, target)), database).await
    }

    fn order<'run>(&'run self, goal: Goal<'run>) -> Order<'run> {
        Order { migrations: self.migrations, options: &self.options, goal }
    }
}
