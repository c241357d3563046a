//! The steps of a run, one after the other: and what becomes of them when somebody is in the way or the connection breaks.

use std::time::{Duration, Instant};

use crate::plan::{Direction, Plan};
use crate::postgres::chart::Chart;
use crate::postgres::error::Error;
use crate::postgres::event::Event;
use crate::postgres::execute::{Order, report};
use crate::postgres::goal::task;
use crate::postgres::hook::When;
use crate::postgres::lock::Backoff;
use crate::postgres::options::Transactions;
use crate::postgres::report::{Done, Report};
use crate::postgres::session::Session;
use crate::postgres::state::State;
use crate::postgres::step::{Outcome, Share, Task};

/// How often in a row a connection may break before the run gives up: a step that breaks it each time would never end.
const MOST_LOST: usize = 5;

/// A run under way.
#[derive(Debug)]
pub(crate) struct Course<'c, 'run> {
    order: &'c Order<'run>,
    session: &'c mut Session<'run>,
    done: Vec<Done>,
    /// The step under way; it is announced once, however often it is tried.
    current: Option<Current>,
    /// Steps that are taken and wait for the commit of the last, with the time that they took.
    uncommitted: Vec<(Current, Duration)>,
    /// Since somebody else holds the lock; none while nobody is in the way of the step.
    waiting: Option<Backoff>,
    /// Since the step ran into somebody else's locks.
    retrying: Option<Backoff>,
    n_lost: usize,
    /// Whether the last step was not taken because the rows are not what they were.
    moved: bool,
}

#[derive(Debug)]
struct Current {
    direction: Direction,
    revision: String,
    summary: String,
    since: Instant,
}

impl Current {
    /// Whether the rows say that the step is done.
    fn is_done(&self, state: &State) -> bool {
        match (self.direction, state.row(&self.revision)) {
            (Direction::Up, Some(row)) => row.is_whole(),
            (Direction::Down, row) => row.is_none(),
            (Direction::Up, None) => false,
        }
    }
}

impl<'c, 'run> Course<'c, 'run> {
    pub(crate) fn new(order: &'c Order<'run>, session: &'c mut Session<'run>) -> Self {
        Self {
            order,
            session,
            done: Vec::new(),
            current: None,
            uncommitted: Vec::new(),
            waiting: None,
            retrying: None,
            n_lost: 0,
            moved: false,
        }
    }

    pub(crate) async fn run(mut self, mut chart: Chart, mut state: State, mut plan: Plan) -> Result<Report, Error> {
        self.session.run_sql(When::Before).await?;
        loop {
            let n_done = self.done.len();
            let Some(outcome) = self.follow(&chart, &state, &plan).await? else {
                self.session.renew().await?;
                self.session.run_sql(When::After).await?;
                return Ok(report(&state, &plan, self.done));
            };
            let seen = match self.after(outcome).await {
                // Nothing was under way, and still another connection is needed.
                Err(Error::Read { source, table }) if self.session.is_lost(&source).await => {
                    self.recover(Error::Read { source, table }).await?
                }
                seen => seen?,
            };
            if self.is_stuck(n_done, &seen, &state) {
                // Another package's revision may have come to depend on what is to be undone.
                self.order.refuse_dependents(&plan, &mut self.session.conn).await?;
                let revision = self.current.map(|current| current.revision).unwrap_or_default();
                return Err(Error::Stuck { revision });
            }
            // Where the rows show that something was done meanwhile, it does not break at the same place each time.
            if seen.rows() != state.rows() {
                self.n_lost = 0;
            }
            state = seen;
            chart = self.order.chart(chart, &state, &mut self.session.conn).await?;
            plan = self.order.goal.decide(&chart, self.order.options, &state)?;
        }
    }

    /// What the rows are after a step could not be taken.
    async fn after(&mut self, outcome: Outcome) -> Result<State, Error> {
        self.moved = matches!(outcome, Outcome::Moved);
        match outcome {
            Outcome::Busy => self.wait().await,
            Outcome::Retry(error) => self.pause(*error).await,
            Outcome::Lost(error) => self.recover(*error).await,
            Outcome::Done(_) | Outcome::Moved => self.session.read_again().await,
        }
    }

    /// Whether the guards of a step say that the rows have changed, and the rows that they have not.
    fn is_stuck(&self, n_done: usize, seen: &State, before: &State) -> bool {
        self.moved && n_done == self.done.len() && seen.rows() == before.rows()
    }

    /// Takes the steps of a plan in order, up to the first that could not be taken; none when all were.
    async fn follow(&mut self, chart: &Chart, state: &State, plan: &Plan) -> Result<Option<Outcome>, Error> {
        let of = self.done.len() + plan.steps.len();
        let tasks: Result<Vec<Task<'_>>, Error> =
            plan.steps.iter().map(|step| task(chart, state, step.direction, &step.revision)).collect();
        self.uncommitted.clear();
        for task in self.shared(tasks?) {
            let (id, summary) = (task.migration.id(), task.migration.summary_text());
            self.announce(task.direction, id, summary, task.n_done(), of);
            self.session.renew().await?;
            match self.session.take(task).await? {
                Outcome::Done(elapsed) if task.share.commits() => self.count(Some(elapsed)),
                Outcome::Done(elapsed) => {
                    self.uncommitted.extend(self.current.take().map(|current| (current, elapsed)))
                }
                stop => return Ok(Some(stop)),
            }
        }
        Ok(None)
    }

    /// Where all are to go into one transaction, says of each which part it has.
    fn shared<'t>(&self, tasks: Vec<Task<'t>>) -> impl Iterator<Item = Task<'t>> + use<'t> {
        let (together, last) = (self.order.options.transactions == Transactions::All, tasks.len().saturating_sub(1));
        tasks.into_iter().enumerate().map(move |(n, task)| Task { share: Share::of(n, last, together), ..task })
    }

    fn announce(&mut self, direction: Direction, revision: &str, summary: &str, resumed_after: usize, of: usize) {
        if self.current.as_ref().is_some_and(|current| current.revision == revision) {
            return;
        }
        let (revision, summary) = (revision.to_owned(), summary.to_owned());
        let n = self.done.len() + self.uncommitted.len() + 1;
        let event =
            Event::Started { direction, revision: revision.clone(), summary: summary.clone(), n, of, resumed_after };
        self.order.options.tell(&event);
        self.current = Some(Current { direction, revision, summary, since: Instant::now() });
    }

    /// Counts the step under way as done, and those that were committed with it; without `elapsed` it took as long as it
    /// is under way.
    fn count(&mut self, elapsed: Option<Duration>) {
        let Some(current) = self.current.take() else { return };
        let elapsed = elapsed.unwrap_or_else(|| current.since.elapsed());
        for (step, elapsed) in std::mem::take(&mut self.uncommitted).into_iter().chain([(current, elapsed)]) {
            let Current { direction, revision, summary, .. } = step;
            self.done.push(Done { direction, revision: revision.clone(), summary: summary.clone(), elapsed });
            self.order.options.tell(&Event::Finished { direction, revision, summary, elapsed });
        }
        (self.waiting, self.retrying) = (None, None);
        self.n_lost = 0;
    }

    async fn wait(&mut self) -> Result<State, Error> {
        let waiting = self.waiting.get_or_insert_with(|| Backoff::new(self.order.options.wait_timeout));
        self.session.wait(waiting).await
    }

    /// A step that another session's locks kept from being taken, and that was rolled back, is tried again after a pause.
    async fn pause(&mut self, error: Error) -> Result<State, Error> {
        let retrying = self.retrying.get_or_insert_with(|| Backoff::new(self.order.options.retry_timeout));
        let waited = retrying.waited();
        let Some(pause) = retrying.next() else {
            let revision = self.current.as_ref().map(|current| current.revision.clone()).unwrap_or_default();
            let blockers = self.session.blockers.take();
            return Err(Error::LockedOut { revision, tried: waited, blockers, source: Box::new(error) });
        };
        if let Some(current) = &self.current {
            let (revision, why) = (current.revision.clone(), error.to_string());
            self.order.options.tell(&Event::Retrying { revision, why, waited });
        }
        // Out of the failed transaction first: its locks must not be held while it waits.
        self.session.read_again().await?;
        tokio::time::sleep(pause).await;
        self.session.read_again().await
    }

    /// Finds out what became of the step under way.
    async fn recover(&mut self, error: Error) -> Result<State, Error> {
        self.n_lost += 1;
        if self.n_lost > MOST_LOST {
            return Err(error);
        }
        let revision = self.current.as_ref().map(|current| current.revision.clone()).unwrap_or_default();
        // It was under way for as long as it took: whoever holds the lock now does so from now on.
        self.waiting = None;
        let seen = self.session.recover(error, &revision).await?;
        if self.current.as_ref().is_some_and(|current| current.is_done(&seen)) {
            self.count(None);
        }
        Ok(seen)
    }
}
