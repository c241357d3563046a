//! Pairs of schemas: the SQL that turns one into the other does so, and the SQL that turns it back does that.

mod cases;
mod check;
mod dump;
mod hazards;
mod known;
mod reading;
mod scripts;
mod tally;
mod written;

use cases::Case;
use check::Verdict;
use known::Known;
use migrate_tests::{Cluster, Corpus, Database};
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use tally::Tally;

/// Names of cases, or parts of names, with commas between: only those are tried.
const CASES: &str = "MIGRATE_DIFF_CASES";

/// How far apart in their list the two cases are of which a new pair is made; only such pairs are tried then.
const CROSSED: &str = "MIGRATE_DIFF_CROSSED";

/// A folder into which each failure is written, with the SQL that led to it.
const REPORT: &str = "MIGRATE_DIFF_REPORT";

/// Of the corpus in a normal run: every one of so many cases, in the order of their names.
const SAMPLE: usize = 40;

#[test]
fn each_pair_of_schemas_is_turned_into_one_another() {
    let Some(corpus) = Corpus::find() else { return };
    let mut cases = cases::read(corpus.folder());
    cross(&mut cases);
    if !choose(&mut cases) && !Corpus::is_full() {
        cases = cases.into_iter().step_by(SAMPLE).collect();
    }
    prepare(corpus.folder());
    try_all(&cases);
}

#[test]
fn each_written_pair_is_turned_into_one_another_with_its_rows() {
    let mut cases = written::read();
    assert!(!cases.is_empty());
    cross(&mut cases);
    choose(&mut cases);
    try_all(&cases);
}

/// Makes other pairs of the cases, where that is asked for.
fn cross(cases: &mut Vec<Case>) {
    if let Some(distance) = env::var(CROSSED).ok().and_then(|text| text.parse().ok()) {
        *cases = cases::crossed(cases, distance);
    }
}

/// Leaves the cases that are asked for; whether any are.
fn choose(cases: &mut Vec<Case>) -> bool {
    let Ok(wanted) = env::var(CASES) else { return false };
    cases.retain(|case| wanted.split(',').any(|part| case.name.contains(part)));
    true
}

/// Each case passes, but those that are known not to.
fn try_all(cases: &[Case]) {
    let verdicts = check_all(cases);
    let known = Known::read();
    let mut tally = Tally::default();
    let mut wrong = String::new();
    for (case, verdict) in cases.iter().zip(&verdicts) {
        tally.add(case, verdict.problem.is_none());
        let expected = known.reason(&case.name);
        match (&verdict.problem, expected) {
            (None, None) | (Some(_), Some(_)) => {}
            (None, Some(_)) => _ = writeln!(wrong, "{}: passes, and is listed as failing", case.name),
            (Some(problem), None) => {
                let first = problem.lines().find(|line| !line.is_empty()).unwrap_or_default();
                _ = writeln!(wrong, "{}: {first}", case.name);
            }
        }
    }
    tally.print();
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The roles that the cases name.
fn prepare(corpus: &Path) {
    let database = Database::new();
    let roles = fs::read_to_string(corpus.join("diff/roles.sql")).expect("the corpus has its roles");
    database.psql(&roles);
}

/// The verdict on each case; as many at a time as there are processors.
fn check_all(cases: &[Case]) -> Vec<Verdict> {
    let n_workers = thread::available_parallelism().map_or(2, usize::from).min(cases.len().max(1));
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(cases.iter().map(|_| None).collect::<Vec<_>>());
    let cluster = Cluster::shared();
    thread::scope(|scope| {
        for _ in 0..n_workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(index) else { break };
                    let verdict = check::check(case, cluster);
                    report(case, &verdict);
                    verdicts.lock().expect("no worker panicked")[index] = Some(verdict);
                }
            });
        }
    });
    let verdicts = verdicts.into_inner().expect("no worker panicked");
    verdicts.into_iter().map(|verdict| verdict.expect("each case was taken by a worker")).collect()
}

fn report(case: &Case, verdict: &Verdict) {
    let Some(folder) = env::var_os(REPORT) else { return };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).expect("the folder of the report can be made");
    let file = folder.join(case.name.replace('/', "__"));
    if let Some(problem) = &verdict.problem {
        let text = format!("{problem}\n-- up\n{}\n-- down\n{}", verdict.up, verdict.down);
        fs::write(file, text).expect("the report can be written");
    } else {
        _ = fs::remove_file(file);
    }
}
