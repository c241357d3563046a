//! A whole run: read, decide, take the steps; and begin again when somebody else was faster.

use std::time::Instant;

use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};

use crate::graph::Graph;
use crate::migration::Action;
use crate::migrations::Migrations;
use crate::plan::{Direction, Plan};
use crate::postgres::database::{Borrowed, Database};
use crate::postgres::error::Error;
use crate::postgres::event::Event;
use crate::postgres::lock::{Backoff, Lock};
use crate::postgres::message::{Failed, Message, Part, database_error};
use crate::postgres::options::{OnAhead, Options};
use crate::postgres::report::{Done, Report};
use crate::postgres::session::Session;
use crate::postgres::state::{Edit, State, Verdict};
use crate::postgres::step::{Outcome, Task};
use crate::postgres::version_table::{AppliedRevision, FORMAT};
use crate::script::Transaction;
use crate::target::Target;

const UNDEFINED_TABLE: &str = "42P01";
const UNDEFINED_COLUMN: &str = "42703";

/// What a run shall do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order<'run> {
    pub(crate) migrations: &'run Migrations,
    pub(crate) options: &'run Options,
    pub(crate) direction: Direction,
    pub(crate) target: &'run Target,
}

/// Reads what is applied: one round trip.
pub(crate) async fn look(migrations: &Migrations, options: &Options, database: Database<'_>) -> Result<State, Error> {
    let (borrowed, state) = open(migrations, options, database).await?;
    borrowed.release().await;
    Ok(state)
}

/// Tells what carrying out an order would do.
pub(crate) async fn plan(order: Order<'_>, database: Database<'_>) -> Result<(Plan, State), Error> {
    let graph = order.migrations.graph().map_err(Error::Table)?;
    let state = look(order.migrations, order.options, database).await?;
    let plan = order.decide(&graph, &state)?;
    Ok((plan, state))
}

/// Carries out an order.
pub(crate) async fn run(order: Order<'_>, database: Database<'_>) -> Result<Report, Error> {
    let graph = order.migrations.graph().map_err(Error::Table)?;
    let (mut borrowed, state) = open(order.migrations, order.options, database).await?;
    let plan = order.decide(&graph, &state)?;
    order.warn(&state);
    if plan.steps.is_empty() {
        borrowed.release().await;
        return Ok(report(&state, &plan, Vec::new()));
    }
    if let (Direction::Up, true, []) = (order.direction, state.table_exists, state.rows()) {
        order.refuse_namesake(borrowed.conn()).await?;
    }
    if let Some(backend_pid) = state.backend_pid {
        order.options.tell(&Event::Connected { backend_pid });
    }
    let package = order.migrations.package();
    let mut session = Session::new(borrowed.keep(), package, order.options, state.table_exists);
    let outcome = order.take_steps(&graph, &mut session, state, plan).await;
    session.leave(outcome.is_err()).await;
    outcome
}

impl Order<'_> {
    /// The steps, or why there are none to be taken: no connection, no clock.
    fn decide(&self, graph: &Graph<'_>, state: &State) -> Result<Plan, Error> {
        self.check(state)?;
        let plan = match self.direction {
            Direction::Up => graph.plan_upgrade(&state.applied(), self.target)?,
            Direction::Down => graph.plan_downgrade(&state.recorded(), self.target)?,
        };
        check_steps(self.migrations, state, &plan)?;
        Ok(plan)
    }

    fn check(&self, state: &State) -> Result<(), Error> {
        if self.direction == Direction::Up {
            state.refuse_edits()?;
        }
        let unknown: Vec<String> = state.unknown().map(|row| row.revision.clone()).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let refused = self.options.on_ahead == OnAhead::Refuse || state.unknown().any(|row| row.breaks_older);
        match (self.direction, state.verdict()) {
            (Direction::Up, Verdict::Diverged { unknown, pending }) => Err(Error::Diverged { unknown, pending }),
            (Direction::Up, _) if !refused => Ok(()),
            _ => Err(Error::Ahead { revisions: unknown }),
        }
    }

    /// Refuses a history that begins in a database where it is applied already under another name: rows are keyed by
    /// package, and a package may be renamed. It costs a round trip when a package comes to a table that others use.
    async fn refuse_namesake(&self, conn: &mut PgConnection) -> Result<(), Error> {
        let (table, package) = (&self.options.version_table, self.migrations.package());
        let Some(first) = self.migrations.list().first() else { return Ok(()) };
        let message = Message::default().with(Part::Read, &table.namesake(package, first));
        let rows = message.send(conn).await.map_err(|failed| self.unreadable(failed.source))?;
        match rows.first().and_then(|row| row.try_get("package").ok()) {
            None => Ok(()),
            Some(other) => Err(Error::OtherPackage { package, other, table: table.quoted() }),
        }
    }

    fn warn(&self, state: &State) {
        for (migration, _, _) in state.edited().filter(|(_, _, edit)| *edit == Edit::Cosmetic) {
            let file = migration.up_action().file().to_owned();
            self.options.tell(&Event::CosmeticEdit { revision: migration.id().to_owned(), file });
        }
        let revisions: Vec<String> = state.unknown().map(|row| row.revision.clone()).collect();
        if !revisions.is_empty() {
            self.options.tell(&Event::Ahead { revisions });
        }
    }

    async fn take_steps(
        &self,
        graph: &Graph<'_>,
        session: &mut Session<'_>,
        mut state: State,
        mut plan: Plan,
    ) -> Result<Report, Error> {
        let mut progress =
            Progress { done: Vec::new(), announced: None, backoff: Backoff::new(self.options.lock_timeout) };
        loop {
            let n_done = progress.done.len();
            let Some((revision, outcome)) = self.follow(session, &state, &plan, &mut progress).await? else {
                return Ok(report(&state, &plan, progress.done));
            };
            let seen = match outcome {
                Interrupted::Busy => self.wait(session, &mut progress.backoff).await?,
                Interrupted::Moved => self.read_again(session).await?,
            };
            let unchanged = n_done == progress.done.len() && seen.rows() == state.rows();
            if unchanged && matches!(outcome, Interrupted::Moved) {
                return Err(Error::Stuck { revision });
            }
            state = seen;
            session.table_exists = state.table_exists;
            plan = self.decide(graph, &state)?;
        }
    }

    /// Takes the steps of a plan in order, up to the first that somebody else is in the way of.
    async fn follow(
        &self,
        session: &mut Session<'_>,
        state: &State,
        plan: &Plan,
        progress: &mut Progress,
    ) -> Result<Option<(String, Interrupted)>, Error> {
        let of = progress.done.len() + plan.steps.len();
        for step in &plan.steps {
            let (direction, revision) = (step.direction, step.revision.clone());
            let task = task(self.migrations, state, direction, &revision)?;
            let summary = task.migration.summary_text().to_owned();
            if progress.announced.as_ref() != Some(&revision) {
                let (n, resumed_after) = (progress.done.len() + 1, task.n_done());
                let (revision, summary) = (revision.clone(), summary.clone());
                progress.announced = Some(revision.clone());
                self.options.tell(&Event::Started { direction, revision, summary, n, of, resumed_after });
            }
            match session.take(task).await? {
                Outcome::Busy => return Ok(Some((revision, Interrupted::Busy))),
                Outcome::Moved => return Ok(Some((revision, Interrupted::Moved))),
                Outcome::Done(elapsed) => {
                    progress.backoff = Backoff::new(self.options.lock_timeout);
                    let done = Done { direction, revision: revision.clone(), summary: summary.clone(), elapsed };
                    progress.done.push(done);
                    self.options.tell(&Event::Finished { direction, revision, summary, elapsed });
                }
            }
        }
        Ok(None)
    }

    /// Polls until the lock is free, and reads what its holder has done meanwhile. Each try is a statement of its own and
    /// over at once: nothing waits on the server.
    async fn wait(&self, session: &mut Session<'_>, backoff: &mut Backoff) -> Result<State, Error> {
        let mut told: Option<Instant> = None;
        let mut message = session.back_out();
        loop {
            message.push(Part::Read, &session.lock.holder());
            let rows = message.send(&mut session.conn).await.map_err(|failed| self.unreadable(failed.source))?;
            let holder = rows.first().and_then(|row| Lock::read_holder(row).ok());
            let Some(pause) = backoff.next() else {
                return Err(Error::LockTimeout { limit: self.options.lock_timeout, holder });
            };
            if holder.is_none() {
                return self.read_again(session).await;
            }
            if told.is_none_or(|told| told.elapsed().as_secs() >= 1) {
                told = Some(Instant::now());
                self.options.tell(&Event::Waiting { holder, waited: backoff.waited() });
            }
            tokio::time::sleep(pause).await;
            message = Message::default();
        }
    }

    async fn read_again(&self, session: &mut Session<'_>) -> Result<State, Error> {
        let message = session.back_out();
        read(self.migrations, self.options, &mut session.conn, message).await
    }

    fn unreadable(&self, source: sqlx::Error) -> Error {
        Error::Read { table: self.options.version_table.quoted(), source }
    }
}

/// What a run has done so far.
#[derive(Debug)]
struct Progress {
    done: Vec<Done>,
    /// The revision whose start was told: it is not told again when the step is tried again.
    announced: Option<String>,
    backoff: Backoff,
}

/// Why a plan was left before its end.
#[derive(Clone, Copy, Debug)]
enum Interrupted {
    Busy,
    Moved,
}

fn task<'s>(
    migrations: &Migrations,
    state: &'s State,
    direction: Direction,
    revision: &str,
) -> Result<Task<'s>, Error> {
    let Some(migration) = migrations.migration(revision) else {
        return Err(Error::Ahead { revisions: vec![revision.to_owned()] });
    };
    let action = match direction {
        Direction::Up => migration.up_action(),
        Direction::Down => migration.down_action().ok_or_else(|| Error::Irreversible {
            revision: revision.to_owned(),
            file: migration.up_action().file().to_owned(),
        })?,
    };
    Ok(Task { direction, migration, action, row: state.row(revision) })
}

/// Refuses a plan that would stop half-way for a reason that can be seen before it begins.
fn check_steps(migrations: &Migrations, state: &State, plan: &Plan) -> Result<(), Error> {
    for step in &plan.steps {
        let task = task(migrations, state, step.direction, &step.revision)?;
        let (revision, file) = (step.revision.clone(), task.action.file().to_owned());
        if let Action::Uncompiled { .. } = task.action {
            return Err(Error::Uncompiled { revision, file });
        }
        let Some(row) = task.row else { continue };
        let transactional = task.action.transaction() == Transaction::PerRevision;
        let why = match step.direction {
            Direction::Up if row.down_statements_done.is_some() => {
                Some("its downgrade was cut off; finish that with `cargo migrate downgrade` to the revision before it")
            }
            Direction::Up if transactional && row.statements_done > 0 => {
                Some("it was begun without a transaction; put `transaction: none` back into its header")
            }
            Direction::Up if transactional => Some(
                "it ended its own transaction, or was begun without one; look at what it did, undo that, and delete its \
                 row from the version table",
            ),
            Direction::Down if transactional && row.down_statements_done.is_some() => Some(
                "its downgrade ended its own transaction, or was begun without one; look at what it did, finish that, \
                 and delete its row from the version table",
            ),
            _ => None,
        };
        if let Some(why) = why {
            return Err(Error::Unfinished { revision, file, why });
        }
        if let Action::Sql(script) = task.action {
            let n_done = task.n_done();
            let recorded = match step.direction {
                Direction::Up => Some(&row.checksum),
                Direction::Down => row.down_checksum.as_ref(),
            };
            let fits = n_done <= script.statements().len()
                && recorded.is_some_and(|recorded| script.prefix_checksum(n_done).as_bytes().as_slice() == recorded);
            if n_done > 0 && !fits && !transactional {
                return Err(Error::PrefixEdited { revision, file, n_done });
            }
        }
    }
    Ok(())
}

/// What a run has done; `state` is what it last read, and `plan` what followed from that.
fn report(state: &State, plan: &Plan, steps: Vec<Done>) -> Report {
    let heads = match plan.steps.last() {
        Some(step) => step.heads.clone(),
        None => state.heads().into_iter().map(|row| row.revision.clone()).collect(),
    };
    Report { steps, heads, unknown: state.unknown().map(|row| row.revision.clone()).collect() }
}

/// Connects and reads. An idle connection of a pool is used without the ping that `acquire` makes; when it turns out to be
/// dead, another is taken.
async fn open(migrations: &Migrations, options: &Options, database: Database<'_>) -> Result<(Borrowed, State), Error> {
    if let Some(mut borrowed) = database.idle() {
        match read(migrations, options, borrowed.conn(), Message::default()).await {
            Err(Error::Read { source, .. }) if is_gone(&source) => drop(borrowed.keep()),
            state => return Ok((borrowed, state?)),
        }
    }
    let mut borrowed = database.connect().await.map_err(|source| Error::Connect { source })?;
    let state = read(migrations, options, borrowed.conn(), Message::default()).await?;
    Ok((borrowed, state))
}

/// Whether the connection is of no use any more: it broke, or the server said that it ends it (class 57P).
fn is_gone(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
        error => database_error(error).is_some_and(|error| error.code().starts_with("57P")),
    }
}

/// One message, without a parameter, after what `message` has already. That the table is not there is an answer too: a
/// fresh database.
async fn read(
    migrations: &Migrations,
    options: &Options,
    conn: &mut PgConnection,
    message: Message,
) -> Result<State, Error> {
    let table = &options.version_table;
    let unreadable = |source| Error::Read { table: table.quoted(), source };
    let message = message.with(Part::Read, "SELECT pg_catalog.pg_backend_pid() AS pid");
    let answer = message.with(Part::Read, &table.select(migrations.package())).send(conn).await;
    let rows = match answer {
        Ok(rows) => rows,
        Err(failed) if failed.code() == Some(UNDEFINED_TABLE) => {
            return Ok(State::new(*migrations, None).read_by(pid(failed.rows.first())));
        }
        Err(failed) if failed.code() == Some(UNDEFINED_COLUMN) => {
            return Err(newer_format(options, conn).await.unwrap_or_else(|| unreadable(failed.source)));
        }
        Err(Failed { source, .. }) => return Err(unreadable(source)),
    };
    let mut rows = rows.iter();
    let backend_pid = pid(rows.next());
    let rows: Vec<_> = rows.map(AppliedRevision::read).collect::<Result<_, _>>().map_err(unreadable)?;
    match rows.iter().map(|row| row.format).find(|format| *format > FORMAT) {
        Some(format) => Err(Error::NewerFormat { table: table.quoted(), format, known: FORMAT }),
        None => Ok(State::new(*migrations, Some(rows)).read_by(backend_pid)),
    }
}

fn pid(row: Option<&PgRow>) -> Option<i32> {
    row.and_then(|row| row.try_get("pid").ok())
}

/// The reason why a column is missing, if it is that a newer release has changed the table.
async fn newer_format(options: &Options, conn: &mut PgConnection) -> Option<Error> {
    let table = &options.version_table;
    let rows = Message::default().with(Part::Read, &table.newest_format()).send(conn).await.ok()?;
    let format = rows.first()?.try_get("format").ok().filter(|format| *format > FORMAT)?;
    Some(Error::NewerFormat { table: table.quoted(), format, known: FORMAT })
}
