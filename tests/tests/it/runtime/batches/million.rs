//! Two million rows, a program that is killed among them, and the next run.

use std::time::{Duration, Instant};

use migrate_runtime::Event;
use migrate_tests::{Command, Database, embedded};

use super::{Heard, counts, progress, recorded};

const ROWS: u64 = 2_000_000;

/// Asks until the answer is yes; what cannot be asked yet is no.
fn wait_until(database: &Database<'_>, question: &str) {
    let begun = Instant::now();
    while !database.try_psql(question).is_ok_and(|answer| answer == "t\n") {
        assert!(begun.elapsed() < Duration::from_secs(120), "{question}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_million_rows_are_done_once_each_though_the_program_is_killed() {
    let database = Database::new();
    // Room on each page, so that an update stays on it and need not touch the index: what is tested is the batches.
    database.psql(&format!(
        "CREATE UNLOGGED TABLE items (id bigint, n integer NOT NULL DEFAULT 0) WITH (fillfactor = 45, autovacuum_enabled = off);
         INSERT INTO items (id) SELECT generate_series(1, {ROWS});
         ALTER TABLE items ADD PRIMARY KEY (id)"
    ));
    let program = Command::new(env!("CARGO_BIN_EXE_embedded-under-test")).args(["batches"]);
    let begun = Instant::now();
    let victim = program.env("DATABASE_URL", database.url()).spawn();
    // Some batches after the first, and far from the end on any machine, as none has more than 60,000 rows.
    wait_until(&database, "SELECT batch_rows[1] > 30000 FROM migrate_revisions");
    victim.signal("KILL");
    assert_eq!(tokio::task::spawn_blocking(|| victim.wait().code).await.unwrap(), 128 + 9);
    let first_run = begun.elapsed();
    // The server may still be at the batch under way, and records it or rolls it back.
    let others =
        "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    wait_until(&database, others);

    let killed_at = database.psql("SELECT batch_rows[1] FROM migrate_revisions").trim().parse::<u64>().unwrap();
    assert!(killed_at > 1_000 && killed_at < ROWS, "{killed_at}");
    assert_eq!(recorded(&database), format!("{{{killed_at}}}|{ROWS}|{{{killed_at}}}\n"));
    assert_eq!(counts(&database), format!("0|{}\n1|{killed_at}\n", ROWS - killed_at));

    let (heard, begun) = (Heard::default(), Instant::now());
    embedded("batches").with(heard.options()).upgrade(&database.options()).await.unwrap();
    let second_run = begun.elapsed();
    assert_eq!(counts(&database), format!("1|{ROWS}\n"));
    assert_eq!(recorded(&database), "||\n", "what is finished needs no cursor");

    let told = progress(&heard);
    assert_eq!(told.first(), Some(&(killed_at, Some(ROWS))), "it goes on where it was");
    assert_eq!(told.last(), Some(&(ROWS, Some(ROWS))));
    let sizes: Vec<u64> =
        told.windows(2).map(|pair| pair[1].0.checked_sub(pair[0].0).expect("it never goes back")).collect();
    assert_eq!(sizes[0], 1_000, "the first is modest");
    assert!(sizes.windows(2).all(|pair| pair[1] <= 2 * pair[0]), "{sizes:?}");
    assert!(
        sizes[1..sizes.len() - 1].iter().any(|size| *size != 1_000) && sizes.iter().all(|size| *size <= 60_000),
        "{sizes:?}"
    );
    for event in heard.events() {
        let Event::Progress { done, left, .. } = event else { continue };
        assert_eq!(left.is_some(), done > killed_at, "an estimate, as soon as there is a speed");
        assert_eq!(left.is_some_and(|left| left.is_zero()), done == ROWS);
    }
    report(&format!(
        "killed after {first_run:.1?} at {killed_at}, the rest in {second_run:.1?} ({:.0} rows/s), batches of {sizes:?}",
        (ROWS - killed_at) as f64 / second_run.as_secs_f64()
    ));
}

#[expect(clippy::print_stdout, reason = "figures, where somebody asks for them with --nocapture")]
fn report(text: &str) {
    println!("{text}");
}
