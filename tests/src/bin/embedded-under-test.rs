//! A program that upgrades or downgrades its own database when it starts: `embedded-under-test HISTORY [DOWN_TO]`.

use migrate_tests::embedded;
use std::io::Write;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let table = embedded(&arguments.next().expect("the first argument names a history"));
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL is set");
    let options: sqlx::postgres::PgConnectOptions = url.parse().expect("DATABASE_URL is the URL of a database");
    let run = match arguments.next() {
        None => table.upgrade(&options).await,
        Some(target) => table.downgrade_to(&options, target.as_str()).await,
    };
    let (text, code) = match run {
        Ok(report) => (format!("{} {report}\n", report.steps.len()), ExitCode::SUCCESS),
        Err(error) => (format!("error: {error}\n"), ExitCode::FAILURE),
    };
    std::io::stdout().write_all(text.as_bytes()).expect("stdout is open");
    code
}
