//! A server of our own: its files in a temporary folder, reached by a socket in it that nobody else can open.

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::account::Account;
use super::guardian::Guardian;
use super::installation::Installation;
use crate::dsn::Dsn;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks whether it answers.
const PAUSE: Duration = Duration::from_millis(10);

/// Whom `initdb` makes: dumps are full of `OWNER TO postgres`.
const SUPERUSER: &str = "postgres";

/// Fast and forgetful: nothing of it outlives this run. A schema of thousands of tables is loaded in few transactions.
const SETTINGS: [&str; 12] = [
    "listen_addresses=",
    "port=5432",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "jit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "shared_buffers=32MB",
    "max_connections=20",
    "max_locks_per_transaction=256",
];

/// The server; it ends with this.
#[derive(Debug)]
pub(super) struct Cluster {
    guardian: Option<Guardian>,
    server: Option<Child>,
    folder: PathBuf,
    account: Option<Account>,
}

impl Cluster {
    /// Makes a server and waits until it answers.
    pub(super) async fn start(installation: &Installation) -> Result<(Self, Dsn), String> {
        let mut cluster = Self::in_new_folder(installation)?;
        cluster.initialise(installation).await?;
        cluster.launch(installation)?;
        let dsn = cluster.answer().await?;
        Ok((cluster, dsn))
    }

    fn in_new_folder(installation: &Installation) -> Result<Self, String> {
        let made = tempfile::Builder::new().prefix("migrate-dev-").tempdir();
        let temporary = made.map_err(|error| format!("no temporary folder could be made: {error}"))?;
        let account = Account::for_server(temporary.path()).map_err(|error| error.to_string())?;
        let watch = || {
            account.map_or(Ok(()), |account| account.own(temporary.path()))?;
            Guardian::watch(temporary.path(), &installation.program("pg_ctl"), account)
        };
        let guardian = watch().map_err(|error| format!("{}: {error}", temporary.path().display()))?;
        // From here on the guardian removes it.
        Ok(Self { guardian: Some(guardian), server: None, folder: temporary.keep(), account })
    }

    async fn initialise(&self, installation: &Installation) -> Result<(), String> {
        let mut command = self.command(&installation.program("initdb"));
        command.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        command.arg(format!("--username={SUPERUSER}")).arg("--pgdata").arg(self.folder.join("data"));
        let mut command = tokio::process::Command::from(command);
        let output = command.kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped()).output().await;
        let output = output.map_err(|error| format!("{}: {error}", installation.program("initdb").display()))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let why = said.lines().find(|line| line.contains("error:") || line.contains("FATAL")).unwrap_or(said.trim());
        Err(format!("`initdb` failed: {why}"))
    }

    fn launch(&mut self, installation: &Installation) -> Result<(), String> {
        let program = installation.program("postgres");
        let mut command = self.command(&program);
        command.arg("-D").arg(self.folder.join("data"));
        command.arg("-c").arg(format!("unix_socket_directories={}", self.folder.display()));
        for setting in SETTINGS {
            command.arg("-c").arg(setting);
        }
        let log = File::create(self.log()).and_then(|log| Ok((log.try_clone()?, log)));
        let (out, err) = log.map_err(|error| format!("{}: {error}", self.log().display()))?;
        let spawned = command.stdout(out).stderr(err).spawn();
        self.server = Some(spawned.map_err(|error| format!("{}: {error}", program.display()))?);
        Ok(())
    }

    /// Waits until the server lets somebody in.
    async fn answer(&mut self) -> Result<Dsn, String> {
        let url =
            format!("postgres://{SUPERUSER}@localhost:5432/postgres?sslmode=disable&host={}", self.folder.display());
        let dsn = Dsn::parse(&url, "the address of the server").map_err(|failure| failure.to_string())?;
        let begun = Instant::now();
        loop {
            let why = match dsn.connect().await {
                Ok(_) => return Ok(dsn),
                Err(failure) => failure.to_string(),
            };
            let has_ended = self.server.as_mut().is_none_or(|server| !matches!(server.try_wait(), Ok(None)));
            if has_ended || begun.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.log()).unwrap_or_default();
                let last = log.lines().rfind(|line| line.contains("FATAL") || line.contains("HINT"));
                return Err(format!("the server did not start: {}", last.unwrap_or(&why)));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// A program of the server, untouched by the user's settings and by the interrupt that a terminal sends to everybody.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env("LC_ALL", "C").stdin(Stdio::null()).process_group(0);
        for name in ["PGDATA", "PGOPTIONS", "PGPORT", "PGHOST", "PGUSER", "PGDATABASE"] {
            command.env_remove(name);
        }
        if let Some(account) = self.account {
            command.uid(account.uid).gid(account.gid);
        }
        command
    }

    #[cfg(test)]
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The guardian stops the server and removes the folder, and this waits for both.
        drop(self.guardian.take());
        if let Some(server) = &mut self.server {
            let _ = server.wait();
        }
    }
}
