//! Runs that are cut off, cancelled, killed, or lose their server: after one plain run more, all is as if nothing had been.
//!
//! The points are computed: a run that nobody disturbs is counted message by message, and each message is tried before it
//! reaches the server, after the server has answered it, and inside, where something in it can be made to wait. A fixed
//! sample of them is tried unless `MIGRATE_FAULTS_FULL` is set (`tests/run --faults`).

mod matrix;
mod moment;
mod running;

use std::sync::Arc;

use migrate_runtime::plan::Direction;
use migrate_tests::{Cluster, Options};

use self::matrix::{Summary, Undisturbed};
use self::moment::{Fault, Point, Runner};

const HISTORIES: [&str; 4] = ["transactional", "stepwise", "concurrent", "mixed"];
const WITH_RUST: [&str; 5] = ["transactional", "stepwise", "concurrent", "mixed", "rust"];
const DIRECTIONS: [Direction; 2] = [Direction::Up, Direction::Down];

/// How many points are tried at a time: they wait for the server more than they work.
const AT_ONCE: usize = 4;

async fn undisturbed(cluster: &'static Cluster, histories: &[&'static str], runner: Runner) -> Vec<Arc<Undisturbed>> {
    let mut runs = Vec::new();
    for history in histories {
        for direction in DIRECTIONS {
            runs.push(Undisturbed::run(cluster, history, direction, runner).await);
        }
    }
    runs
}

/// All points, or every n-th of them.
fn sample(points: Vec<Point>, n: usize) -> Vec<Point> {
    let n = if std::env::var_os("MIGRATE_FAULTS_FULL").is_some() { 1 } else { n };
    points.into_iter().step_by(n).collect()
}

fn at_messages(runs: &[Arc<Undisturbed>], fault: Fault) -> Vec<Point> {
    runs.iter().flat_map(|run| run.at_messages(fault)).collect()
}

fn inside(runs: &[Arc<Undisturbed>], fault: Fault) -> Vec<Point> {
    runs.iter().flat_map(|run| run.inside(fault)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_connection_is_cut_at_every_message() {
    let runs = undisturbed(Cluster::shared(), &WITH_RUST, Runner::Here).await;
    Summary::of(&runs, sample(at_messages(&runs, Fault::CutOnce), 3), AT_ONCE).await.report("cuts");
    Summary::of(&runs, sample(inside(&runs, Fault::CutOnce), 5), AT_ONCE).await.report("cuts inside statements");
}

/// A run looks for a server that is away, and gives up: so these take longer, and many of them wait together.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_server_is_away_after_every_message() {
    let runs = undisturbed(Cluster::shared(), &WITH_RUST, Runner::Here).await;
    let points = [at_messages(&runs, Fault::Cut), inside(&runs, Fault::Cut)].concat();
    Summary::of(&runs, sample(points, 11), 24).await.report("cuts for good");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_transaction_for_the_whole_run_is_cut_and_cancelled_at_every_message() {
    let runs = undisturbed(Cluster::shared(), &["transactional"], Runner::InOneTransaction).await;
    for (fault, what) in [(Fault::CutOnce, "cuts in one transaction"), (Fault::Cancel, "cancelled in one transaction")]
    {
        let points = [at_messages(&runs, fault), inside(&runs, fault)].concat();
        Summary::of(&runs, sample(points, 2), AT_ONCE).await.report(what);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_future_is_dropped_at_every_message() {
    let runs = undisturbed(Cluster::shared(), &WITH_RUST, Runner::Here).await;
    Summary::of(&runs, sample(at_messages(&runs, Fault::Cancel), 4), AT_ONCE).await.report("cancelled futures");
    let points = sample(inside(&runs, Fault::Cancel), 7);
    Summary::of(&runs, points, AT_ONCE).await.report("futures cancelled inside statements");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_program_is_killed_at_every_message() {
    let runs = undisturbed(Cluster::shared(), &WITH_RUST, Runner::Program).await;
    Summary::of(&runs, sample(at_messages(&runs, Fault::Kill), 5), AT_ONCE).await.report("killed programs");
    let points = sample(inside(&runs, Fault::Kill), 9);
    Summary::of(&runs, points, AT_ONCE).await.report("programs killed inside statements");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_command_line_is_killed_at_every_message() {
    let runs = undisturbed(Cluster::shared(), &HISTORIES, Runner::CommandLine).await;
    Summary::of(&runs, sample(at_messages(&runs, Fault::Kill), 5), AT_ONCE).await.report("killed command lines");
    let points = sample(inside(&runs, Fault::Kill), 9);
    Summary::of(&runs, points, AT_ONCE).await.report("command lines killed inside statements");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_server_dies_at_every_message() {
    // A server of its own: it dies under everything that is on it. It lasts as long as the process.
    let cluster: &'static Cluster = Box::leak(Box::new(Cluster::start_own(Options::default())));
    let runs = undisturbed(cluster, &WITH_RUST, Runner::Here).await;
    Summary::of(&runs, sample(at_messages(&runs, Fault::Crash), 11), 1).await.report("crashed servers");
    let points = sample(inside(&runs, Fault::Crash), 31);
    Summary::of(&runs, points, 1).await.report("servers crashed inside statements");
}
