//! A test program in miniature: `testing-under-test PACKAGE THREADS [hold]`. Each thread has a runtime of its own, as each
//! `#[tokio::test]` has, and gets two databases; with `hold` they are kept until the program is killed.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Barrier;
use std::thread;

use migrate_runtime::table::{Action, Checksum, Migration, Script, Span};
use migrate_runtime::testing::{Error, TestDatabase, database};
use migrate_runtime::{Migrations, testing};

const UP: &str = "CREATE TABLE users (email text PRIMARY KEY)";

static REVISIONS: &[Migration] = &[Migration::new(
    "1",
    "users",
    [Checksum::new([1; 32]); 2],
    Action::Sql(Script::new("up.sql", UP, &[Span::new(0, UP.len())])),
)];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let package: &'static str = arguments[0].clone().leak();
    let n_threads: usize = arguments[1].parse().expect("a number of threads");
    let holds = arguments.len() > 2;
    let migrations = Migrations::new(package, REVISIONS);
    let together = Barrier::new(n_threads);
    let ended: Vec<Result<(), testing::Error>> = thread::scope(|scope| {
        let work = || {
            together.wait();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(test(&migrations, holds))
        };
        let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a test that does not panic")).collect()
    });
    for end in ended {
        if let Err(error) = end {
            say(&format!("error: {error}"));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// What is unique in one database is free in the other.
async fn test(migrations: &Migrations, holds: bool) -> Result<(), Error> {
    let (first, second) = (database(migrations).await?, database(migrations).await?);
    for database in [&first, &second] {
        let insert = sqlx::query("INSERT INTO users (email) VALUES ('ada@example.com')");
        insert.execute(database.pool()).await.expect("a database of its own");
    }
    if holds {
        hold(&[&first, &second]);
    }
    Ok(())
}

fn hold(databases: &[&TestDatabase]) -> ! {
    let names: Vec<&str> = databases.iter().map(|database| database.name()).collect();
    say(&names.join("\n"));
    say("holding");
    loop {
        thread::park();
    }
}

fn say(text: &str) {
    std::io::stdout().write_all(format!("{text}\n").as_bytes()).expect("stdout is open");
}
