//! An application whose command line has the verbs of its database below a word of its own.

use std::process::ExitCode;

use clap::Parser;
use migrate_runtime::command::Command;
use migrate_tests::embedded;

/// A shop.
#[derive(Parser)]
enum Cli {
    /// Upgrades, downgrades and inspects the database.
    #[command(subcommand)]
    Db(Command),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Cli::Db(command) = Cli::parse();
    let table = embedded(&std::env::var("HISTORY").expect("HISTORY names a history"));
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL is set");
    let options: sqlx::postgres::PgConnectOptions = url.parse().expect("DATABASE_URL is the URL of a database");
    command.run(&table, &options).await
}
