//! `cargo migrate plan`: the steps to a target from current heads that are named, without a database.

use std::collections::BTreeSet;

use clap::ValueEnum;
use migrate_runtime::graph::Graph;
use migrate_runtime::plan;
use migrate_runtime::{Range, Target};

use crate::invocation::Invocation;
use crate::refusal;
use crate::report::{Failure, Kind};
use crate::steps;

/// Shows the steps of an upgrade or a downgrade without a database.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  cargo migrate plan upgrade heads --current base\n  \
                        cargo migrate plan downgrade -1 --current 20261121093000\n\n\
                        What is due on a database: `cargo migrate upgrade --dry-run`.")]
pub(crate) struct Args {
    /// Which way.
    pub(crate) direction: Direction,
    /// Where to go: all that `upgrade` and `downgrade` take.
    #[arg(allow_hyphen_values = true)]
    pub(crate) target: String,
    /// The current heads to begin at, with commas between them, or `base`.
    #[arg(long, value_name = "REV", value_delimiter = ',', required = true)]
    pub(crate) current: Vec<String>,
}

/// A direction, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Direction {
    Upgrade,
    Downgrade,
}

impl From<Direction> for plan::Direction {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Upgrade => Self::Up,
            Direction::Downgrade => Self::Down,
        }
    }
}

pub(crate) fn run(args: &Args, invocation: &Invocation) -> Result<(), Failure> {
    let project = invocation.project()?;
    let outline = project.outline_as_asked()?;
    let graph = outline.graph_with(project.crates()?).map_err(|errors| refusal::graph(&errors))?;
    let direction = args.direction.into();
    let target = target(&args.target)?;
    let plan = || {
        // Of two faults the target's is told first, as where the database must be asked for the other.
        graph.check_target(direction, &target)?;
        let applied = applied(&args.current, &graph)?;
        match direction {
            plan::Direction::Up => graph.plan_upgrade(&applied, &target),
            plan::Direction::Down => graph.plan_downgrade(&applied, &target),
        }
    };
    let plan = plan().map_err(|error| refusal::plan(&error))?;
    steps::print(&invocation.shell, &plan.steps, &plan.heads);
    Ok(())
}

fn target(typed: &str) -> Result<Target, Failure> {
    if Range::is_range(typed) {
        return Err(Failure::new(
            Kind::Target("range_not_allowed"),
            format!("`{typed}` is a range, and a plan has one target"),
        )
        .help("begin at `--current`, and name the revision to end at as the target"));
    }
    Ok(Target::from(typed))
}

/// What is applied where these are the current heads; each may be named in any way that does not count steps.
fn applied<'g>(current: &[String], graph: &Graph<'g>) -> Result<BTreeSet<&'g str>, plan::PlanError> {
    let mut heads = Vec::new();
    for name in current.iter().map(|name| name.trim()) {
        let head = Target::from(name);
        if head.needs_current() {
            return Err(plan::PlanError::CountedTarget { target: name.to_owned() });
        }
        heads.extend(graph.select(&head, &BTreeSet::new())?);
    }
    graph.applied_below(&heads)
}
