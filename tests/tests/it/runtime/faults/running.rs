//! A run under way: a task, or a process.

use std::sync::LazyLock;
use std::time::Duration;

use migrate_runtime::plan::Direction;
use migrate_runtime::{Options, Transactions};
use migrate_tests::{Command, Project, cargo_migrate, embedded, history_folder};
use tokio::task::JoinHandle;

use super::moment::Runner;

/// For how long a server that is away is looked for: less than by default, and some servers come back in time.
const PATIENCE: Duration = Duration::from_secs(1);

/// A run that was started.
#[derive(Debug)]
pub(super) struct Running {
    process: Option<u32>,
    end: JoinHandle<Result<(), String>>,
}

impl Running {
    pub(super) fn start(runner: Runner, history: &'static str, direction: Direction, url: &str) -> Self {
        let command = match runner {
            Runner::Here => return Self::start_here(history, direction, url, Transactions::PerRevision),
            Runner::InOneTransaction => return Self::start_here(history, direction, url, Transactions::All),
            Runner::Program => {
                let program = Command::new(env!("CARGO_BIN_EXE_embedded-under-test")).args([history]);
                match direction {
                    Direction::Up => program,
                    Direction::Down => program.args(["base"]),
                }
            }
            Runner::CommandLine => {
                let words: &[&str] = match direction {
                    Direction::Up => &["upgrade"],
                    Direction::Down => &["downgrade", "base", "--yes"],
                };
                let folder = history_folder(history);
                let command = cargo_migrate!().args(["--dir".as_ref(), folder.as_os_str()]).args(words);
                command.folder(OUTSIDE.folder())
            }
        };
        let process = command.env("DATABASE_URL", url).spawn();
        let id = process.id();
        let end = tokio::task::spawn_blocking(move || {
            let output = process.wait();
            if output.code == 0 { Ok(()) } else { Err(format!("{}{}", output.stdout, output.stderr)) }
        });
        Self { process: Some(id), end }
    }

    fn start_here(history: &'static str, direction: Direction, url: &str, transactions: Transactions) -> Self {
        let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
        let end = tokio::spawn(async move {
            let table = embedded(history);
            let migrator = table.with(Options::default().transactions(transactions).reconnect_timeout(PATIENCE));
            let run = match direction {
                Direction::Up => migrator.upgrade(&options).await,
                Direction::Down => migrator.downgrade_to(&options, "base").await,
            };
            run.map(drop).map_err(|error| error.to_string())
        });
        Self { process: None, end }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.end.is_finished()
    }

    pub(super) async fn end(&mut self) -> Result<(), String> {
        (&mut self.end).await.unwrap_or_else(|error| Err(error.to_string()))
    }

    /// Drops the future.
    pub(super) fn cancel(&self) {
        self.end.abort();
    }

    /// Sends SIGKILL to the process and its children.
    pub(super) fn kill(&self) {
        let group = self.process.expect("the run is a process").to_string();
        Command::new("/bin/sh").args(["-c", r#"kill -s KILL -- "-$0""#, &group]).run().success();
    }
}

/// A folder of no cargo project, so that the command line takes nothing from the one of the tests.
static OUTSIDE: LazyLock<Project> = LazyLock::new(Project::empty);
