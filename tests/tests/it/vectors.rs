//! What Alembic itself answers on a few hundred graphs, asked of the library and of the command line.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs};

use migrate_tests::{Answer, Vector, cargo_migrate, workspace};

/// The vectors of the project, or others of the same form: a file in `MIGRATE_VECTORS`.
fn vectors() -> Vec<Vector> {
    let data = workspace().join("tests/data/alembic");
    let paths = match env::var_os("MIGRATE_VECTORS") {
        Some(named) => vec![named.into()],
        None => vec![data.join("vectors.jsonl"), data.join("more.jsonl")],
    };
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    paths.iter().flat_map(|path| Vector::read_all(&read(path))).collect()
}

/// Compares every answer, and shows how many were right by command.
#[expect(clippy::print_stdout, reason = "figures for `--nocapture`")]
fn check(vectors: &[Vector], answer: impl Fn(&Vector) -> Option<Answer>) {
    let mut counts: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    let mut wrong = Vec::new();
    for vector in vectors {
        let Some(answer) = answer(vector) else { continue };
        let count = counts.entry(&vector.command).or_default();
        count[1] += 1;
        match vector.check(&answer) {
            Ok(()) => count[0] += 1,
            Err(why) => wrong.push(format!(
                "{} {} {:?} from {:?}: {why}",
                vector.id, vector.command, vector.targets, vector.current
            )),
        }
    }
    for (command, [n_right, n_all]) in &counts {
        println!("{command:10} {n_right:5} of {n_all}");
    }
    assert!(
        wrong.is_empty(),
        "{} of {} wrong:\n{}",
        wrong.len(),
        vectors.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
    assert!(!counts.is_empty());
}

#[test]
fn the_library_answers_as_alembic_does() {
    check(&vectors(), |vector| Some(Answer::of_library(vector)));
}

/// Of the many plans every fourth: each is a process.
#[test]
fn the_command_line_answers_as_alembic_does() {
    let is_plan = |vector: &Vector| ["upgrade", "downgrade"].contains(&vector.command.as_str());
    let (plans, others): (Vec<Vector>, Vec<Vector>) = vectors().into_iter().partition(is_plan);
    let sample: Vec<Vector> = plans.into_iter().filter(|vector| !vector.offline).step_by(4).chain(others).collect();
    check(&sample, |vector| Answer::of_command_line(vector, cargo_migrate!()));
}
