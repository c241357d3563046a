//! The PostgreSQL server: the one in `DATABASE_URL`, else one inside this program.

use crate::Result;
use pglite_oxide::PgliteServer;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};
use std::env;
use std::path::PathBuf;

/// A server that answers at a URL.
pub(crate) enum Server {
    /// Somebody else's.
    External { url: String },
    /// This program's, which keeps its data in `folder`.
    Embedded { server: Box<PgliteServer>, folder: PathBuf },
}

impl Server {
    pub(crate) fn start() -> Result<Self> {
        if let Ok(url) = env::var("DATABASE_URL") {
            return Ok(Self::External { url });
        }
        let folder = data_folder()?;
        let server = PgliteServer::builder().path(&folder).start().map_err(|error| {
            let folder = folder.display();
            format!("PostgreSQL does not start: {error:#}\nhelp: if the data in {folder} is damaged, remove the folder")
        })?;
        Ok(Self::Embedded { server: Box::new(server), folder })
    }

    /// The server for people; a URL may hold a password and stays out of it.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::External { .. } => "the server in DATABASE_URL".to_owned(),
            Self::Embedded { folder, .. } => format!("embedded PostgreSQL, data in {}", folder.display()),
        }
    }

    /// A pool of connections; the first is made already.
    pub(crate) async fn connect(&self) -> Result<PgPool> {
        match self {
            Self::External { url } => {
                let options: PgConnectOptions = url.parse()?;
                // A pool tries again for half a minute and does not say why; a connection fails at once and does.
                options.connect().await?.close().await?;
                Ok(PgPool::connect_with(options).await?)
            }
            // The embedded server has one session: a second connection would wait for the end of the first.
            Self::Embedded { server, .. } => {
                Ok(PgPoolOptions::new().max_connections(1).connect(&server.database_url()).await?)
            }
        }
    }

    /// Ends the embedded server; all connections must be closed.
    pub(crate) fn stop(self) -> Result<()> {
        match self {
            Self::External { .. } => Ok(()),
            Self::Embedded { server, .. } => Ok((*server).shutdown()?),
        }
    }
}

/// `quickstart-data` in the target folder, where `cargo clean` removes it with everything else.
fn data_folder() -> Result<PathBuf> {
    let program = env::current_exe()?;
    // <target>/<profile>/quickstart
    let target = program.ancestors().nth(2).ok_or("this program does not lie in a target folder")?;
    Ok(target.join("quickstart-data"))
}
