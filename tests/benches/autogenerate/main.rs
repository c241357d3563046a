//! How long it takes to find that a database and its models agree, beside Alembic and migra: the same tables on one server,
//! whole processes in turn, round by round, and medians of the ratios of the rounds.
//!
//! ```text
//! cargo bench -p migrate-tests --bench autogenerate [-- TABLES…]
//! ```
//!
//! The peers are installed the first time, into `~/.cache/cargo-migrate/bench-autogenerate`.

mod python;
mod tables;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cargo_migrate::catalog::{self, Filter};
use migrate_schema::{Options, diff};
use migrate_tests::{Cluster, Database, Project};
use python::Python;
use tokio::runtime::Builder;

/// How many rounds are counted; one more comes before them.
const N_ROUNDS: usize = 11;

/// What is measured.
struct Contestant {
    name: &'static str,
    run: Box<dyn FnMut()>,
    times: Vec<Duration>,
}

impl Contestant {
    /// A program that finds no difference.
    fn program(name: &'static str, mut command: Command, expected: &'static str) -> Self {
        command.stdin(Stdio::null());
        let run = move || {
            let output = command.output().unwrap_or_else(|error| panic!("{name}: {error}"));
            let said = String::from_utf8_lossy(&output.stdout);
            // What does not come to the right result is not measured.
            assert!(
                output.status.success() && said.trim() == expected,
                "{name}: {said}{}",
                String::from_utf8_lossy(&output.stderr)
            );
        };
        Self { name, run: Box::new(run), times: Vec::new() }
    }
}

fn main() {
    let sizes: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![200, 1_000] } else { sizes };
    let python = Python::environment();
    match &python {
        Ok(python) => say(&format!("{}; {N_ROUNDS} rounds", python.versions())),
        Err(problem) => say(&format!("without the peers: {problem}")),
    }
    for n_tables in sizes {
        measure(n_tables, python.as_ref().ok());
    }
}

fn measure(n_tables: usize, python: Option<&Python>) {
    let cluster = Cluster::start_own(migrate_tests::Options::default());
    let database = Database::on(&cluster);
    let sql = tables::sql(n_tables);
    database.psql(&sql);
    database.psql("VACUUM ANALYZE; CHECKPOINT;");
    // What Alembic writes is in a database of its own.
    let (equal, of_alembic) = (database.copy(), database.copy());
    let project = Project::library("bench-autogenerate");
    project.write("schema.sql", &sql);
    project.write("src/lib.rs", &tables::models(n_tables));
    project.write("Cargo.toml", &(project.read("Cargo.toml") + "[dependencies]\nmigrate-runtime = \"0.1.0\"\n"));

    let ours = |name, to: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate-under-test"));
        command.args(["migrate", "diff", "--exit-code", "--from", "database", "--to", to]);
        command.env("DATABASE_URL", database.url()).current_dir(project.folder());
        Contestant::program(name, command, "")
    };
    let mut contestants = vec![
        ours("ours, database and models", "models"),
        ours("ours, database and schema.sql", "schema.sql"),
        ours("ours, two databases", equal.url()),
    ];
    if let Some(python) = python {
        let alembic = python.alembic(project.folder(), &tables::python(n_tables), of_alembic.url());
        contestants.push(Contestant::program(
            "alembic check, database and models",
            alembic,
            "No new upgrade operations detected.",
        ));
        contestants.push(Contestant::program("migra, two databases", python.migra(database.url(), equal.url()), ""));
    }
    for round in 0..=N_ROUNDS {
        for offset in 0..contestants.len() {
            let at = (round + offset) % contestants.len();
            let begun = Instant::now();
            (contestants[at].run)();
            if round > 0 {
                contestants[at].times.push(begun.elapsed());
            }
        }
    }
    print(n_tables, &contestants);
    in_process(&database);
}

/// Reading one database and comparing two equal schemas, without a process or a connection to be made.
fn in_process(database: &Database<'_>) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
    let mut connection = runtime.block_on(database.connect());
    let (mut reads, mut diffs) = (Vec::new(), Vec::new());
    for _ in 0..N_ROUNDS {
        let begun = Instant::now();
        let catalog = runtime.block_on(catalog::read(&mut connection, &Filter::default()));
        reads.push(begun.elapsed());
        let read = catalog.expect("the schema is read");
        let other = read.clone();
        let begun = Instant::now();
        assert!(diff(&read, &other, &Options::default()).is_empty());
        diffs.push(begun.elapsed());
    }
    say(&format!(
        "in one process: a schema read in {:.1} ms, two compared in {:.1} ms",
        milliseconds(reads),
        milliseconds(diffs)
    ));
}

fn print(n_tables: usize, contestants: &[Contestant]) {
    say(&format!("\n{n_tables} tables, nothing to change"));
    say("| | median | fastest to slowest | × ours, models | × ours, two databases |");
    say("|---|---|---|---|---|");
    for contestant in contestants {
        let times = || contestant.times.iter();
        let ratio = |base: &Contestant| {
            let ratios = times().zip(&base.times).map(|(time, base)| time.as_secs_f64() / base.as_secs_f64());
            median(ratios.collect())
        };
        let all = || times().map(Duration::as_secs_f64);
        let (fastest, slowest) = (all().fold(f64::MAX, f64::min), all().fold(0.0, f64::max));
        say(&format!(
            "| {} | {:.3} s | {fastest:.3} to {slowest:.3} | {:.2} | {:.2} |",
            contestant.name,
            median(all().collect()),
            ratio(&contestants[0]),
            ratio(&contestants[2])
        ));
    }
}

fn milliseconds(times: Vec<Duration>) -> f64 {
    median(times.iter().map(|time| time.as_secs_f64() * 1_000.0).collect())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
fn say(line: &str) {
    println!("{line}");
}
