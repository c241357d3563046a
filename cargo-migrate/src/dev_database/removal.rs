//! How a database is removed: by a thread of its own, so that it is done when a future or a panic drops it, too.

use std::thread;
use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};

use super::given;
use super::quote::identifier;
use super::roles::{ALL, Roles};
use super::session::{ask, reason};
use crate::dsn::Dsn;
use crate::online;

/// A server that takes longer is left alone with it, and the next run drops the database.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is to be removed.
#[derive(Debug)]
pub(super) enum What {
    /// A database of this name.
    Database(String),
    /// All that is in the database.
    Contents,
    /// The server that has only this database.
    #[cfg(feature = "embedded")]
    Server(Box<super::embedded::Server>),
}

/// A removal that is due when it is dropped, unless it was done before.
#[derive(Debug)]
pub(super) struct Removal {
    /// The database from which it is done.
    dsn: Dsn,
    due: Option<(What, Roles)>,
}

impl Removal {
    pub(super) fn new(dsn: Dsn, what: What, roles: Roles) -> Self {
        Self { dsn, due: Some((what, roles)) }
    }

    /// There is nothing to remove.
    pub(super) fn disarm(&mut self) {
        self.due = None;
    }

    /// Removes it now.
    ///
    /// # Errors
    ///
    /// What could not be removed, in words.
    pub(super) fn run(&mut self) -> Result<(), String> {
        let Some((what, roles)) = self.due.take() else { return Ok(()) };
        #[cfg(feature = "embedded")]
        if let What::Server(server) = what {
            drop(server);
            return Ok(());
        }
        let dsn = self.dsn.clone();
        let done = thread::spawn(move || {
            let runtime = online::runtime().map_err(|failure| failure.to_string())?;
            runtime.block_on(async {
                let removed = tokio::time::timeout(PATIENCE, remove(&dsn, &what, &roles)).await;
                removed.unwrap_or_else(|_| Err(format!("{} did not remove it in time", dsn.shown)))
            })
        });
        done.join().unwrap_or_else(|_| Err("it could not be removed".to_owned()))
    }
}

impl Drop for Removal {
    fn drop(&mut self) {
        // What cannot be dropped now is dropped by the next run; what goes wrong here is told by what was on the way.
        let _ = self.run();
    }
}

async fn remove(dsn: &Dsn, what: &What, roles: &Roles) -> Result<(), String> {
    let mut conn = dsn.connect().await.map_err(|failure| failure.to_string())?;
    let sql = match what {
        // Whoever is still in it, as a session whose client was just dropped.
        What::Database(name) => format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", identifier(name)),
        What::Contents => format!("{}; {}", given::EMPTY, given::unmark()),
        #[cfg(feature = "embedded")]
        What::Server(_) => return Ok(()),
    };
    let removed = ask(&mut conn, &sql).await.map(|_| ()).map_err(|error| match what {
        What::Database(name) => format!("the database {name} is left on {}: {}", dsn.shown, reason(&error)),
        _ => format!("{} could not be emptied: {}", dsn.shown, reason(&error)),
    });
    let dropped = drop_roles(&mut conn, roles).await;
    // It has done its work.
    let _ = conn.close().await;
    removed.and(dropped)
}

async fn drop_roles(conn: &mut PgConnection, roles: &Roles) -> Result<(), String> {
    if roles.is_empty() {
        return Ok(());
    }
    let rows = ask(conn, ALL).await.map_err(|error| reason(&error))?;
    let now = rows.iter().filter_map(|row| row.try_get::<String, _>(0).ok());
    let mut problems = Vec::new();
    for name in now.filter(|name| roles.made(name)) {
        if let Err(error) = ask(conn, &format!("DROP ROLE IF EXISTS {}", identifier(&name))).await {
            problems.push(format!("the role {name} is left on the server: {}", reason(&error)));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
}
