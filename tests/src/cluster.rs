//! A throw-away PostgreSQL server, or the one that the user points to.

use crate::account::Account;
use crate::binaries::Binaries;
use crate::guardian::Guardian;
use crate::settings::{Auth, Options};
use std::env;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The environment variable with the URL of a server to use instead of a throw-away one.
const VARIABLE: &str = "MIGRATE_TEST_URL";

/// Starts a program whose files may have 8 MiB: in blocks of 512 bytes (POSIX, ulimit).
const FULL: &str = r#"ulimit -f 16384; exec "$0" "$@""#;

const SUPERUSER: &str = "postgres";

/// A port that was free a moment ago may be taken when the server binds it.
const ATTEMPTS: usize = 5;

/// A PostgreSQL server for tests.
#[derive(Debug)]
pub struct Cluster {
    url: String,
    started: Option<Started>,
}

/// How a server is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// Sessions are ended, their transactions rolled back, and a checkpoint written.
    Fast,
    /// As in a crash: nothing is written, and the next start recovers.
    Immediate,
}

/// A server that this process started.
#[derive(Debug)]
struct Started {
    folder: PathBuf,
    port: u16,
    account: Option<Account>,
    /// Whether the server may write no large files.
    is_full: AtomicBool,
    _guardian: Guardian,
}

impl Cluster {
    /// The server all tests of this process share: the one in `MIGRATE_TEST_URL`, else one started now, which ends
    /// with the process.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Cluster> = LazyLock::new(|| match env::var(VARIABLE) {
            Ok(url) => Cluster { url, started: None },
            Err(_) => Cluster::start_own(Options::default()),
        });
        &SHARED
    }

    /// Starts a server for one test, which may stop it, kill it, or need a password; it ends when dropped.
    ///
    /// # Panics
    ///
    /// Panics when no server can be started, with its log or with what to install.
    #[must_use]
    pub fn start_own(options: Options) -> Self {
        let mut started = Started::new();
        started.is_full = options.is_full.into();
        started.create(&options);
        started.start_on_a_free_port(&options);
        let password = match &options.auth {
            Auth::Trust => String::new(),
            Auth::Scram(password) => format!(":{}", percent_encoded(password)),
        };
        let url = format!("postgres://{SUPERUSER}{password}@127.0.0.1:{}/postgres", started.port);
        Self { url, started: Some(started) }
    }

    /// The URL of the database of this name.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        with_database(&self.url, database)
    }

    /// The URL of the database from which others are created and dropped.
    #[must_use]
    pub fn maintenance_url(&self) -> &str {
        &self.url
    }

    /// Whether the server ends with this process, and everything in it.
    #[must_use]
    pub fn is_throw_away(&self) -> bool {
        self.started.is_some()
    }

    /// Stops the server; it stays as it is until [`Cluster::start`].
    pub fn stop(&self, how: Shutdown) {
        let mode = match how {
            Shutdown::Fast => "--mode=fast",
            Shutdown::Immediate => "--mode=immediate",
        };
        self.own().pg_ctl(&["stop", mode]).unwrap_or_else(|problem| panic!("{problem}"));
    }

    /// Starts a second server that follows this one and may only be read.
    ///
    /// # Panics
    ///
    /// As [`Cluster::start_own`].
    #[must_use]
    pub fn start_standby(&self) -> Self {
        let from = self.own();
        let mut standby = Started::new();
        // The files of a server that is stopped: `pg_basebackup` would have to be of the server's own version.
        self.stop(Shutdown::Fast);
        let copied = Command::new("cp").arg("-a").arg(from.data()).arg(standby.data()).status();
        assert!(copied.as_ref().is_ok_and(ExitStatus::success), "cp -a: {copied:?}");
        self.start();
        let signal = standby.data().join("standby.signal");
        fs::write(&signal, "").unwrap_or_else(|error| panic!("{}: {error}", signal.display()));
        if let Some(account) = standby.account {
            account.own(&signal);
        }
        let primary = format!("host=127.0.0.1 port={} user={SUPERUSER}", from.port);
        standby.start_on_a_free_port(&Options::default().setting("primary_conninfo", &primary));
        let url = self.url.replacen(&format!(":{}/", from.port), &format!(":{}/", standby.port), 1);
        Self { url, started: Some(standby) }
    }

    /// Stops the server and starts it with room for everything, where it had been given room for little.
    pub fn make_room(&self) {
        self.stop(Shutdown::Fast);
        self.own().is_full.store(false, Ordering::Relaxed);
        self.start();
    }

    /// Starts the server again, on the same port, and waits until it answers.
    pub fn start(&self) {
        self.own().start().unwrap_or_else(|problem| panic!("{problem}"));
    }

    /// What the server logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.own().log()
    }

    /// The port of the server, on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.own().port
    }

    /// The folder of the server's unix socket.
    #[must_use]
    pub fn socket_folder(&self) -> &Path {
        &self.own().folder
    }

    fn own(&self) -> &Started {
        self.started.as_ref().expect("a server that the user points to is not ours; use Cluster::start_own here")
    }
}

impl Started {
    /// A folder for a server, and who removes it.
    fn new() -> Self {
        let folder = temporary_folder();
        let account = Account::for_server(&folder);
        if let Some(account) = account {
            account.own(&folder);
        }
        let guardian = Guardian::watch(&folder, &Binaries::installed().program("pg_ctl"), account);
        Self { folder, port: 0, account, is_full: false.into(), _guardian: guardian }
    }

    fn create(&self, options: &Options) {
        let mut arguments = vec!["--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"];
        if options.is_full {
            // A log file is as large as it will ever be when it is made.
            arguments.push("--wal-segsize=1");
        }
        let password_file = self.folder.join("password");
        let password_argument = format!("--pwfile={}", password_file.display());
        match &options.auth {
            Auth::Trust => arguments.push("--auth=trust"),
            Auth::Scram(password) => {
                fs::write(&password_file, password)
                    .unwrap_or_else(|error| panic!("{}: {error}", password_file.display()));
                if let Some(account) = self.account {
                    account.own(&password_file);
                }
                arguments.extend(["--auth=scram-sha-256", &password_argument]);
            }
        }
        self.run("initdb", &arguments).unwrap_or_else(|problem| panic!("{problem}"));
    }

    fn start_on_a_free_port(&mut self, options: &Options) {
        // A copy of what initdb wrote: each attempt appends to that and not to the last attempt.
        let file = self.data().join("postgresql.conf");
        let initial = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let socket_folder = self.folder.display().to_string();
        let mut problem = String::new();
        for _ in 0..ATTEMPTS {
            self.port = free_port();
            let configuration = initial.clone() + &options.configuration(self.port, &socket_folder);
            fs::write(&file, configuration).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            match self.start() {
                Ok(()) => return,
                Err(reason) => problem = reason,
            }
        }
        panic!("{problem}");
    }

    fn start(&self) -> Result<(), String> {
        let log = format!("--log={}", self.folder.join("log").display());
        self.pg_ctl(&["start", &log]).map_err(|problem| format!("{problem}\n{}", self.log()))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn pg_ctl(&self, arguments: &[&str]) -> Result<(), String> {
        self.run("pg_ctl", &[&["--wait", "--timeout=120", "--silent"], arguments].concat())
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        let data = self.data().display().to_string();
        self.program(program, &[&["--pgdata", &data], arguments].concat())
    }

    fn program(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        let path = Binaries::installed().program(program);
        let mut command = if self.is_full.load(Ordering::Relaxed) {
            let mut shell = Command::new("/bin/sh");
            shell.arg("-c").arg(FULL).arg(path);
            shell
        } else {
            Command::new(path)
        };
        command.args(arguments);
        // The account that runs the server may not be let into the present folder, nor use the user's settings.
        command
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .env_remove("PGDATA")
            .env_remove("PGOPTIONS")
            .env("LC_ALL", "C");
        if let Some(account) = self.account {
            account.run(&mut command);
        }
        let output = command.output().map_err(|error| format!("{program}: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
        Err(format!("{program} failed, {}\n{said}", output.status))
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }
}

/// A new folder, in memory where the system has a place for that; the guardian removes it.
fn temporary_folder() -> PathBuf {
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix("migrate-pg-");
    let folder = builder.tempdir_in("/dev/shm").or_else(|_| builder.tempdir());
    folder.unwrap_or_else(|error| panic!("{}: {error}", env::temp_dir().display())).keep()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port of 127.0.0.1 is free");
    listener.local_addr().expect("a bound listener has an address").port()
}

/// Puts another database into a URL, and keeps what comes before and after it.
fn with_database(url: &str, database: &str) -> String {
    let authority = url.find("://").map_or(0, |index| index + 3);
    let end = url[authority..].find(['/', '?']).map_or(url.len(), |index| authority + index);
    let parameters = url[end..].find('?').map_or("", |index| &url[end + index..]);
    format!("{}/{database}{parameters}", &url[..end])
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{percent_encoded, with_database};

    #[test]
    fn the_database_of_a_url_is_replaced() {
        assert_eq!(with_database("postgres://a@h:1/b", "c"), "postgres://a@h:1/c");
        assert_eq!(with_database("postgres://a@h:1/b?sslmode=require", "c"), "postgres://a@h:1/c?sslmode=require");
        assert_eq!(with_database("postgres://h", "c"), "postgres://h/c");
        assert_eq!(with_database("postgres://h?host=/run/pg", "c"), "postgres://h/c?host=/run/pg");
    }

    #[test]
    fn a_password_is_safe_in_a_url() {
        assert_eq!(percent_encoded("p@ss/w:d%"), "p%40ss%2Fw%3Ad%25");
    }
}
