//! A PgBouncer before the server of a database, for one test.

use crate::account::Account;
use crate::binaries::Binaries;
use crate::database::Database;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A PgBouncer on a port of its own; it ends when dropped, and with the test process.
#[derive(Debug)]
pub struct Bouncer {
    url: String,
    child: Child,
    folder: TempDir,
}

/// When a connection to the server goes to another client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolMode {
    /// When the client has left.
    Session,
    /// After each transaction.
    Transaction,
}

/// A process that is killed has its pipes closed by the kernel, so this input ends when the test process does.
const SCRIPT: &str = r#""$0" --quiet "$1" </dev/null & while read -r _; do :; done; kill "$!"; wait"#;

/// Longer than any start takes.
const LIMIT: Duration = Duration::from_secs(30);

impl Bouncer {
    /// Starts one that has so many connections to the server, at most.
    ///
    /// # Panics
    ///
    /// Panics when it cannot be started, with its log or with what to install.
    #[must_use]
    pub fn start(database: &Database<'_>, mode: PoolMode, n_connections: usize) -> Self {
        // sqlx asks for `extra_float_digits` when it connects, which PgBouncer refuses unless it is told otherwise.
        Self::ignoring(database, mode, n_connections, "extra_float_digits")
    }

    /// The same, with the list of what clients may ask for in vain when they connect.
    ///
    /// # Panics
    ///
    /// As there.
    #[must_use]
    pub fn ignoring(database: &Database<'_>, mode: PoolMode, n_connections: usize, ignored: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("migrate-bouncer-").tempdir();
        let folder = folder.unwrap_or_else(|error| panic!("{}: {error}", std::env::temp_dir().display()));
        let account = Account::for_server(folder.path());
        let options = database.options();
        let (host, port) = (options.get_host().to_owned(), options.get_port());
        let own_port = free_port();
        let mode = match mode {
            PoolMode::Session => "session",
            PoolMode::Transaction => "transaction",
        };
        let configuration = format!(
            "[databases]\n* = host={host} port={port} user={}\n\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {own_port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\n\
             default_pool_size = {n_connections}\nmax_client_conn = 200\nignore_startup_parameters = {ignored}\n\
             logfile = {}\n",
            options.get_username(),
            folder.path().join("log").display()
        );
        let file = folder.path().join("pgbouncer.ini");
        fs::write(&file, configuration).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(SCRIPT).arg(Binaries::installed().program("pgbouncer")).arg(&file);
        command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(account) = account {
            account.own(folder.path());
            account.own(&file);
            account.run(&mut command);
        }
        let child = command.spawn().unwrap_or_else(|error| panic!("/bin/sh: {error}"));
        let url = database.url().replacen(&format!("{host}:{port}"), &format!("127.0.0.1:{own_port}"), 1);
        assert_ne!(url, database.url(), "the URL of the test server names no host and port to put a pooler before");
        let bouncer = Self { url, child, folder };
        bouncer.wait(own_port);
        bouncer
    }

    /// The URL of the database through it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    fn wait(&self, port: u16) {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(begun.elapsed() < LIMIT, "pgbouncer does not answer\n{}", log());
            std::thread::yield_now();
        }
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // The folder must not be removed before it has ended; one that was ended by somebody leaves nothing to wait for.
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port of 127.0.0.1 is free");
    listener.local_addr().expect("a bound listener has an address").port()
}
