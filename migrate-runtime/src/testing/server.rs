//! A server, as one process knows it: makes templates once, copies them, and drops what is done with.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::Row as _;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::OnceCell;

use crate::postgres::quote::{identifier, literal};
use crate::testing::background;
use crate::testing::error::Error;
use crate::testing::name::{self, Token};
use crate::testing::recipe::Recipe;
use crate::testing::sessions::{MISSING, Session, Sessions, code};

/// `insufficient_privilege`.
const NO_RIGHT: &str = "42501";

/// A template may be dropped by others between two copies, if seldom: it is old then, and nobody does that twice.
const ATTEMPTS: usize = 3;

/// A template that is there, or the reason why its revisions cannot be applied: every test would fail alike.
type Made = Arc<OnceCell<Result<(), Arc<crate::Error>>>>;

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) options: PgConnectOptions,
    pub(crate) sessions: Sessions,
    token: Token,
    n_names: AtomicU32,
    templates: Mutex<HashMap<String, Made>>,
    strategy: OnceCell<&'static str>,
}

impl Server {
    /// The server of this URL: the same for each call of this process.
    pub(crate) fn at(url: &str) -> Result<Arc<Self>, Error> {
        static SERVERS: Mutex<Vec<(String, Arc<Server>)>> = Mutex::new(Vec::new());
        let mut servers = SERVERS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, server)) = servers.iter().find(|(known, _)| known == url) {
            return Ok(Arc::clone(server));
        }
        let options: PgConnectOptions = url.parse().map_err(|source| Error::BadUrl { source })?;
        let server = Arc::new(Self::new(options));
        servers.push((url.to_owned(), Arc::clone(&server)));
        Ok(server)
    }

    fn new(options: PgConnectOptions) -> Self {
        let token = Token::random();
        let sessions = Sessions::new(options.clone(), token);
        let (n_names, templates, strategy) = (AtomicU32::new(0), Mutex::default(), OnceCell::new());
        Self { options, sessions, token, n_names, templates, strategy }
    }

    /// A copy of the recipe's template, which is made when it is not there.
    pub(crate) async fn copy(self: &Arc<Self>, recipe: &Recipe) -> Result<Lease, Error> {
        let mut attempt = 1;
        loop {
            let made = self.made(&recipe.name);
            let result = made.get_or_try_init(|| recipe.make(self)).await?;
            result.clone().map_err(Error::Revisions)?;
            let mut session = self.sessions.take().await?;
            match self.create(&mut session, recipe.migrations.package(), Some(&recipe.name)).await {
                Err(Error::Server { source, .. }) if code(&source) == Some(MISSING) && attempt < ATTEMPTS => {
                    attempt += 1;
                    self.forget(&recipe.name, &made);
                }
                created => return created,
            }
        }
    }

    fn made(&self, template: &str) -> Made {
        let mut templates = self.templates.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(templates.entry(template.to_owned()).or_default())
    }

    /// Forgets that the template is there, unless another task has made it again.
    fn forget(&self, template: &str, made: &Made) {
        let mut templates = self.templates.lock().unwrap_or_else(PoisonError::into_inner);
        if templates.get(template).is_some_and(|known| Arc::ptr_eq(known, made)) {
            templates.remove(template);
        }
    }

    /// Makes a database of this process: a copy of that one, or of what the server copies by default.
    pub(crate) async fn create(
        self: &Arc<Self>,
        session: &mut Session<'_>,
        package: &str,
        template: Option<&str>,
    ) -> Result<Lease, Error> {
        let name = name::owned(package, self.token, self.n_names.fetch_add(1, Ordering::Relaxed));
        let strategy = self.strategy(session).await?;
        let template = template.map(|template| format!(" TEMPLATE {}", identifier(template))).unwrap_or_default();
        // Before it is there: when the connection breaks, nobody knows whether it is.
        let lease = Lease { server: Arc::clone(self), name };
        match session.ask(&format!("CREATE DATABASE {}{template}{strategy}", identifier(&lease.name))).await {
            Ok(_) => Ok(lease),
            Err(source) if code(&source) == Some(NO_RIGHT) => {
                lease.disarm();
                Err(Error::NoRight { role: self.options.get_username().to_owned(), source })
            }
            Err(source) => {
                let act = format!("create the database {}", lease.name());
                if code(&source).is_some() {
                    lease.disarm();
                }
                Err(Error::Server { act, source })
            }
        }
    }

    /// Where nothing is synced, files are copied faster than they are logged; else a copy of files costs two checkpoints
    /// (Postgres manual, CREATE DATABASE, `STRATEGY`; measured in `tests/benches/testing`). Before 15 there is no choice.
    async fn strategy(&self, session: &mut Session<'_>) -> Result<&'static str, Error> {
        let ask = async || {
            let sql = "SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4, \
                       pg_catalog.current_setting('fsync')::pg_catalog.bool";
            let rows = session.ask(sql).await?;
            let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
            let (version, syncs): (i32, bool) = (row.try_get(0)?, row.try_get(1)?);
            Ok(if version >= 150_000 && !syncs { " STRATEGY file_copy" } else { "" })
        };
        let strategy = self.strategy.get_or_try_init(ask).await;
        strategy.copied().map_err(|source| Error::Server { act: "read the settings of the server".to_owned(), source })
    }

    async fn drop_now(&self, name: &str) -> Result<(), Error> {
        drop_by(&mut self.sessions.take().await?, name).await
    }
}

/// Drops a database, whoever is connected to it.
///
/// `FORCE` would do, but a server that has sent sessions away looks again after 100 ms whether they have gone
/// (`CountOtherDBBackends` in its source), and they go in a few.
async fn drop_by(session: &mut Session<'_>, name: &str) -> Result<(), Error> {
    let end_others = format!(
        "SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity AS a \
         WHERE a.datname OPERATOR(pg_catalog.=) {}",
        literal(name)
    );
    for pause in [1, 1, 2, 4, 8, 16] {
        // Who may not end a session, or comes to no end here, leaves it to `FORCE`.
        if session.ask(&end_others).await.is_ok_and(|others| others.is_empty()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
    let dropped = session.ask(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", identifier(name))).await;
    dropped.map(|_| ()).map_err(|source| Error::Server { act: format!("drop the database {name}"), source })
}

/// A database of this process, dropped with it.
#[derive(Debug)]
pub(crate) struct Lease {
    server: Arc<Server>,
    name: String,
}

/// A server that takes longer is left alone with it, or the next process drops the database.
const PATIENCE: Duration = Duration::from_secs(10);

impl Lease {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Drops the database and says how that went.
    pub(crate) async fn end(self) -> Result<(), Error> {
        let (server, name) = (Arc::clone(&self.server), self.disarm());
        background::run(async move { server.drop_now(&name).await }).await
    }

    /// Drops the database by a session that the caller has.
    pub(crate) async fn end_by(self, session: &mut Session<'_>) -> Result<(), Error> {
        drop_by(session, &self.disarm()).await
    }

    /// The name of a database that is nobody's to drop any more.
    pub(crate) fn disarm(mut self) -> String {
        std::mem::take(&mut self.name)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.name);
        if name.is_empty() {
            return;
        }
        let server = Arc::clone(&self.server);
        // What cannot be dropped now is dropped by a later process.
        background::wait(async move { server.drop_now(&name).await }, PATIENCE);
    }
}
