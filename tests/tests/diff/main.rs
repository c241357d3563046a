//! Pairs of schemas: the SQL that turns one into the other does so, and the SQL that turns it back does that.

mod cases;
mod check;
mod dumped;
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
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once};
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
    let cases = wanted(cases, SAMPLE);
    prepare(corpus.folder());
    try_all(&cases);
}

#[test]
fn each_written_pair_is_turned_into_one_another_with_its_rows() {
    let mut cases = written::read(Database::new().server_major());
    assert!(!cases.is_empty());
    cross(&mut cases);
    try_all(&wanted(cases, 1));
}

/// Makes other pairs of the cases, where that is asked for.
fn cross(cases: &mut Vec<Case>) {
    if let Some(distance) = env::var(CROSSED).ok().and_then(|text| text.parse().ok()) {
        *cases = cases::crossed(cases, distance);
    }
}

/// Each case passes, but those that are known not to.
fn try_all(cases: &[Case]) {
    let verdicts = shared_out(cases, |case, cluster| {
        let verdict = check::check(case, cluster);
        report(case, &verdict);
        verdict
    });
    let known = Known::read();
    // What only a dump shows passes where there is none.
    let is_dumped = Database::new().dump().is_some();
    let mut tally = Tally::default();
    let mut wrong = String::new();
    for (case, verdict) in cases.iter().zip(&verdicts) {
        tally.add(case, verdict.problem.is_none());
        let expected = known.reason(&case.name);
        match (&verdict.problem, expected) {
            (None, None) | (Some(_), Some(_)) => {}
            (None, Some(_)) if !is_dumped => {}
            (None, Some(_)) => _ = writeln!(wrong, "{}: passes, and is listed as failing", case.name),
            (Some(problem), None) => {
                let first = problem.lines().find(|line| !line.is_empty()).unwrap_or_default();
                _ = writeln!(wrong, "{}: {first}", case.name);
            }
        }
    }
    tally.print(is_dumped);
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Whether only cases of certain names are wanted.
fn are_named() -> bool {
    env::var_os(CASES).is_some()
}

/// The cases that are wanted: those that are named, else all of them or every one of so many.
fn wanted(mut cases: Vec<Case>, sample: usize) -> Vec<Case> {
    match env::var(CASES) {
        Ok(wanted) => cases.retain(|case| wanted.split(',').any(|part| case.name.contains(part))),
        Err(_) if Corpus::is_full() => {}
        Err(_) => cases = cases.into_iter().step_by(sample).collect(),
    }
    cases
}

/// The roles that the cases name.
fn prepare(corpus: &Path) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let database = Database::new();
        let roles = fs::read_to_string(corpus.join("diff/roles.sql")).expect("the corpus has its roles");
        database.psql(&roles);
    });
}

/// What comes of each item; as many at a time as there are processors.
fn shared_out<T: Sync, R: Send>(items: &[T], work: impl Fn(&T, &Cluster) -> R + Sync) -> Vec<R> {
    let n_workers = thread::available_parallelism().map_or(2, usize::from).min(items.len().max(1));
    let next = AtomicUsize::new(0);
    let results = Mutex::new(items.iter().map(|_| None).collect::<Vec<_>>());
    let cluster = Cluster::shared();
    thread::scope(|scope| {
        for _ in 0..n_workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    let result = work(item, cluster);
                    results.lock().expect("no worker panicked")[index] = Some(result);
                }
            });
        }
    });
    let results = results.into_inner().expect("no worker panicked");
    results.into_iter().map(|result| result.expect("each item was taken by a worker")).collect()
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
