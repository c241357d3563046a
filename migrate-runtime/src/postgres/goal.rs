//! What a run is asked for, and what follows from it: decided without a connection and without a clock.

use crate::migration::Action;
use crate::migrations::Migrations;
use crate::plan::{Direction, Plan};
use crate::postgres::chart::Chart;
use crate::postgres::error::Error;
use crate::postgres::options::{OnAhead, Options, Transactions};
use crate::postgres::state::{State, Verdict};
use crate::postgres::step::{Share, Task};
use crate::script::Transaction;
use crate::target::Target;

/// Where a run shall lead.
#[derive(Clone, Debug)]
pub(crate) enum Goal<'run> {
    /// Up to a target.
    Upgrade(&'run Target),
    /// Down to a target.
    Downgrade(&'run Target),
    /// Down from everything that the files do not have.
    Return,
    /// Up until these are applied.
    Apply(Vec<String>),
    /// Down until these are undone.
    Undo(Vec<String>),
}

impl<'run> Goal<'run> {
    pub(crate) const fn to(direction: Direction, target: &'run Target) -> Self {
        match direction {
            Direction::Up => Self::Upgrade(target),
            Direction::Down => Self::Downgrade(target),
        }
    }

    pub(crate) const fn direction(&self) -> Direction {
        match self {
            Self::Upgrade(_) | Self::Apply(_) => Direction::Up,
            Self::Downgrade(_) | Self::Return | Self::Undo(_) => Direction::Down,
        }
    }

    /// Whether it is that everything is applied.
    pub(crate) fn is_to_heads(&self) -> bool {
        matches!(self, Self::Upgrade(target) if **target == Target::heads())
    }

    /// Keeps to what was decided first where the target counts from the current heads: those move with every step, and a
    /// second decision would count from there.
    pub(crate) fn pin(&mut self, plan: &Plan) {
        let revisions = || plan.steps.iter().map(|step| step.revision.clone()).collect();
        *self = match self {
            Self::Upgrade(target) if target.needs_current() => Self::Apply(revisions()),
            Self::Downgrade(target) if target.needs_current() => Self::Undo(revisions()),
            _ => return,
        };
    }

    /// The steps that lead there, or why there are none to be taken. `chart` has the stored revisions too, where the
    /// way leads down.
    pub(crate) fn decide(&self, chart: &Chart, options: &Options, state: &State) -> Result<Plan, Error> {
        self.check(options, state)?;
        let plan = match self {
            Self::Upgrade(target) => chart.graph.plan_upgrade(&state.applied(), target)?,
            Self::Downgrade(target) => chart.graph.plan_downgrade(&state.recorded(), target)?,
            Self::Apply(revisions) => chart.graph.plan_with(&state.applied(), revisions),
            Self::Undo(revisions) => chart.graph.plan_without(&state.recorded(), revisions),
            Self::Return => chart.graph.plan_without(&state.recorded(), &state.of_other_branches()),
        };
        let together = options.transactions == Transactions::All && plan.steps.len() > 1;
        for step in &plan.steps {
            let task = task(chart, state, step.direction, &step.revision)?;
            check_step(&task)?;
            if together && task.action.transaction() == Transaction::None {
                let (revision, file) = (step.revision.clone(), task.action.file().to_owned());
                return Err(Error::NotTogether { revision, file });
            }
        }
        Ok(plan)
    }

    fn check(&self, options: &Options, state: &State) -> Result<(), Error> {
        if self.direction() == Direction::Up {
            state.refuse_edits()?;
        }
        let breaking = state.unknown().any(|row| row.breaks_older);
        let unknown: Vec<String> = match breaking {
            true => state.unknown().map(|row| row.revision.clone()).collect(),
            false => state.foreign().map(|row| row.revision.clone()).collect(),
        };
        if unknown.is_empty() {
            return Ok(());
        }
        match (self.direction(), options.on_ahead, state.verdict()) {
            (Direction::Up, _, Verdict::Diverged { unknown, pending }) => Err(Error::Diverged { unknown, pending }),
            (Direction::Up, OnAhead::Allow, _) if !breaking => Ok(()),
            (Direction::Up, ..) => Err(Error::Ahead { revisions: unknown }),
            // What is stored with the rows undoes them.
            (Direction::Down, OnAhead::Allow, _) => Ok(()),
            (Direction::Down, OnAhead::Refuse, _) => match self {
                Self::Return => Ok(()),
                _ => Err(Error::Ahead { revisions: unknown }),
            },
        }
    }
}

/// What a step takes; `chart` is what the plan was made of.
pub(crate) fn task<'s>(
    chart: &Chart,
    state: &'s State,
    direction: Direction,
    revision: &str,
) -> Result<Task<'s>, Error> {
    let row = state.row(revision);
    let Some(migration) = chart.migration(revision) else {
        return Err(Error::Ahead { revisions: vec![revision.to_owned()] });
    };
    let action = match direction {
        Direction::Up => migration.up_action(),
        Direction::Down if state.knows(revision) => migration.down_action().ok_or_else(|| Error::Irreversible {
            revision: revision.to_owned(),
            file: migration.up_action().file().to_owned(),
        })?,
        Direction::Down => {
            migration.down_action().ok_or_else(|| Error::NothingStored { revision: revision.to_owned() })?
        }
    };
    Ok(Task { direction, migration, action, row, share: Share::Own })
}

/// Refuses a plan with a step that only the binary can take which it is compiled into.
pub(crate) fn refuse_uncompiled(migrations: &Migrations, plan: &Plan) -> Result<(), Error> {
    for step in &plan.steps {
        let migration = migrations.migration(&step.revision);
        let action = migration.and_then(|migration| match step.direction {
            Direction::Up => Some(migration.up_action()),
            Direction::Down => migration.down_action(),
        });
        if let Some(Action::Uncompiled(file)) = action {
            return Err(Error::Uncompiled { revision: step.revision.clone(), file: file.file().to_owned() });
        }
    }
    Ok(())
}

/// Refuses a step at which a run would stop half-way for a reason that can be seen before it begins.
pub(crate) fn check_step(task: &Task<'_>) -> Result<(), Error> {
    let (revision, file) = (task.migration.id().to_owned(), task.action.file().to_owned());
    let Some(row) = task.row else { return Ok(()) };
    let transactional = task.action.transaction() == Transaction::PerRevision;
    let why = match task.direction {
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
        let recorded = match task.direction {
            Direction::Up => Some(&row.checksum),
            Direction::Down => row.down_checksum.as_ref(),
        };
        let fits = n_done <= script.statements().len()
            && recorded.is_some_and(|recorded| script.prefix_checksum(n_done).as_bytes().as_slice() == recorded);
        if n_done > 0 && !fits && !transactional {
            return Err(Error::PrefixEdited { revision, file, n_done });
        }
    }
    Ok(())
}
