//! PostgreSQL inside this program, compiled to WebAssembly: for machines that have no other.
//!
//! It has one database and one session at a time, so each schema gets a server of its own.

use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use pglite_oxide::PgliteServer;

use super::DevDatabase;
#[cfg(unix)]
use super::guardian::Guardian;
use super::removal::{Removal, What};
use super::roles::Roles;
use super::session;
use crate::dsn::Dsn;

/// A server that still works for a client that is gone is not waited for any longer: it ends with this program.
const PATIENCE: Duration = Duration::from_secs(2);

/// A server with its files; it ends with this.
#[derive(Debug)]
pub(super) struct Server {
    running: Option<PgliteServer>,
    files: Files,
}

/// A temporary folder, which goes however this program ends.
#[derive(Debug)]
struct Files {
    #[cfg(unix)]
    guardian: Option<Guardian>,
    #[cfg(not(unix))]
    folder: Option<tempfile::TempDir>,
}

/// A database on a new server.
pub(super) async fn database() -> Result<DevDatabase, String> {
    let temporary = tempfile::Builder::new().prefix("migrate-dev-").tempdir();
    let temporary = temporary.map_err(|error| format!("no temporary folder could be made: {error}"))?;
    // The first start compiles, and unpacks files; signals are listened to meanwhile. When one ends the wait, the files are
    // still the server's until it has started.
    let (server, url) =
        tokio::task::spawn_blocking(|| Server::start(temporary)).await.map_err(|error| error.to_string())??;
    let dsn = Dsn::parse(&url, "the address of the server").map_err(|failure| failure.to_string())?;
    let server_version = session::version(&dsn).await.ok_or("it does not answer")?;
    Ok(DevDatabase {
        dsn: dsn.clone(),
        server_version,
        is_on_own_server: true,
        // Roles end with the server.
        role_mark: String::new(),
        removal: Removal::new(dsn, What::Server(Box::new(server)), Roles::default()),
    })
}

/// Starts a server and tells how to reach it: where that can be, by a socket that nobody else can open.
#[cfg(unix)]
fn start(folder: &Path) -> Result<(PgliteServer, String), Box<dyn std::error::Error + Send + Sync>> {
    let server = PgliteServer::builder().path(folder.join("data")).unix(folder.join(".s.PGSQL.5432")).start()?;
    let url = format!("postgres://postgres@localhost:5432/postgres?sslmode=disable&host={}", folder.display());
    Ok((server, url))
}

#[cfg(not(unix))]
fn start(folder: &Path) -> Result<(PgliteServer, String), Box<dyn std::error::Error + Send + Sync>> {
    let server = PgliteServer::builder().path(folder.join("data")).start()?;
    let url = server.database_url();
    Ok((server, url))
}

impl Server {
    fn start(temporary: tempfile::TempDir) -> Result<(Self, String), String> {
        let folder = temporary.path().to_owned();
        let mut server = Self { running: None, files: Files::keep(temporary)? };
        let (running, url) = start(&folder).map_err(|error| format!("it does not start: {error:#}"))?;
        server.running = Some(running);
        Ok((server, url))
    }
}

impl Files {
    #[cfg(unix)]
    fn keep(folder: tempfile::TempDir) -> Result<Self, String> {
        // There is no process to stop, only a folder to remove.
        let guardian = Guardian::watch(folder.path(), Path::new("/bin/false"), None);
        let guardian = guardian.map_err(|error| format!("{}: {error}", folder.path().display()))?;
        let _ = folder.keep();
        Ok(Self { guardian: Some(guardian) })
    }

    #[cfg(not(unix))]
    fn keep(folder: tempfile::TempDir) -> Result<Self, String> {
        Ok(Self { folder: Some(folder) })
    }

    fn remove(&mut self) {
        #[cfg(unix)]
        drop(self.guardian.take());
        #[cfg(not(unix))]
        drop(self.folder.take());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            let (ended, end) = mpsc::channel();
            thread::spawn(move || {
                // The files go in any case.
                let _ = running.shutdown();
                let _ = ended.send(());
            });
            let _ = end.recv_timeout(PATIENCE);
        }
        self.files.remove();
    }
}
