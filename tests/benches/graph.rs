//! How long the graph takes: from memory, from disk, and typed. Medians of histories that are a line, and of histories in
//! which every twentieth revision is a merge.
//!
//! ```text
//! cargo bench -p migrate-tests --bench graph
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use migrate_build::Outline;
use migrate_runtime::Target;
use migrate_runtime::graph::{Graph, Node};

/// How many times each is measured.
const N_RUNS: usize = 15;

/// A revision and its parents, by number.
type Parents = Vec<usize>;

fn line(n: usize) -> Vec<Parents> {
    (0..n).map(|at| at.checked_sub(1).into_iter().collect()).collect()
}

/// Of every twenty revisions the last but two fork, and the last joins them.
fn merges(n: usize) -> Vec<Parents> {
    let parents = |at: usize| match at % 20 {
        18 if at >= 2 => vec![at - 2],
        19 => vec![at - 2, at - 1],
        _ => at.checked_sub(1).into_iter().collect(),
    };
    (0..n).map(parents).collect()
}

fn id(at: usize) -> String {
    format!("{}", 20_260_101_000_000 + at)
}

/// The folder that a team of that age has: SQL of some length, a way back, one label.
fn write(dir: &Path, history: &[Parents]) {
    let body = "ALTER TABLE accounts\n    ADD COLUMN note text NOT NULL DEFAULT '';\n".repeat(12);
    for (at, parents) in history.iter().enumerate() {
        let folder = dir.join(format!("{}_step_{at}", id(at)));
        fs::create_dir_all(&folder).expect("made");
        let parents: Vec<String> = parents.iter().map(|at| id(*at)).collect();
        let parents = if parents.is_empty() { "base".to_owned() } else { parents.join(", ") };
        let label = if at == 0 { "--! branch-label: main\n" } else { "" };
        let up = format!("--! Step {at}.\n--!\n--! parent: {parents}\n{label}\n{body}");
        fs::write(folder.join("up.sql"), up).expect("written");
        fs::write(folder.join("down.sql"), "ALTER TABLE accounts DROP COLUMN note;\n").expect("written");
    }
}

fn median(mut work: impl FnMut()) -> Duration {
    work();
    let mut times: Vec<Duration> = (0..N_RUNS)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[N_RUNS / 2]
}

fn plan_from_memory(history: &[Parents]) -> Duration {
    let ids: Vec<String> = (0..history.len()).map(id).collect();
    median(|| {
        let node = |(at, parents): (usize, &Parents)| Node {
            id: &ids[at],
            slug: "",
            parents: parents.iter().map(|at| ids[*at].as_str()).collect(),
            depends_on: Vec::new(),
            labels: Vec::new(),
        };
        let graph = Graph::new(history.iter().enumerate().map(node).collect()).expect("a graph");
        let plan = graph.plan_upgrade(&BTreeSet::new(), &Target::heads()).expect("a plan");
        assert_eq!(black_box(plan).steps.len(), history.len());
    })
}

/// The command line of the same build.
fn typed(dir: &Path, words: &str) -> Duration {
    median(|| {
        let output = Command::new(env!("CARGO_BIN_EXE_migrate-under-test"))
            .args(["migrate", "--dir"])
            .arg(dir)
            .args(words.split_whitespace())
            .stderr(Stdio::inherit())
            .output()
            .expect("it runs");
        assert!(output.status.success() && !output.stdout.is_empty());
    })
}

#[expect(clippy::print_stdout, reason = "the figures are what a benchmark is for")]
fn main() {
    println!("median ms   revisions  from memory     outline        plan     history  history drawn");
    type Shape = (&'static str, fn(usize) -> Vec<Parents>);
    let shapes: [Shape; 2] = [("line", line), ("merges", merges)];
    for (name, shape) in shapes {
        for n in [100, 1_000, 10_000] {
            let history = shape(n);
            let folder = tempfile::tempdir().expect("a folder");
            write(folder.path(), &history);
            let outline = || {
                black_box(Outline::read(folder.path(), Path::new("migrations")).expect("an outline"));
            };
            let figures = [
                plan_from_memory(&history),
                median(outline),
                typed(folder.path(), "plan upgrade heads --current base --format json"),
                typed(folder.path(), "history --no-graph"),
                typed(folder.path(), "history"),
            ];
            let figures = figures.map(|time| format!("{:12.1}", time.as_secs_f64() * 1e3)).concat();
            println!("{name:10} {n:10} {figures}");
        }
    }
}
