//! Who is in the way of a statement that takes long: asked from a second connection, since the first one waits.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};

use crate::postgres::database::Database;
use crate::postgres::event::Event;
use crate::postgres::message::{Message, Part};
use crate::postgres::options::Options;

/// How long a statement may wait before somebody is asked why, and how often then.
const INTERVAL: Duration = Duration::from_secs(1);

/// A session that holds a lock which a revision waits for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Blocker {
    /// The process id of the session on the server.
    pub pid: i32,
    /// Its `application_name`; empty when it has none.
    pub application: String,
    /// What it does: `active`, `idle in transaction` and so on.
    pub state: String,
    /// Its last statement, as far as this role may see it.
    pub query: String,
    /// How long its transaction is open.
    pub age: Duration,
}

impl std::fmt::Display for Blocker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "pid {}", self.pid)?;
        if !self.application.is_empty() {
            write!(f, " (application \"{}\")", self.application)?;
        }
        let query = self.query.split_whitespace().collect::<Vec<_>>().join(" ");
        write!(f, ", {} for {:.0} s: {query:.120}", self.state, self.age.as_secs_f64())
    }
}

/// Who was last seen in the way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<Blocker>>>);

impl Seen {
    fn note(&self, blockers: &[Blocker]) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = blockers.to_vec();
    }

    /// Takes what was seen.
    pub(crate) fn take(&self) -> Vec<Blocker> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A look at who is in the way of the session `pid`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch<'w> {
    pub(crate) pid: Option<i32>,
    pub(crate) database: Database<'w>,
    pub(crate) options: &'w Options,
    pub(crate) seen: &'w Seen,
}

impl Watch<'_> {
    /// Does `work` of the session, and tells who blocks it when that takes longer than a second.
    pub(crate) async fn over<T>(self, work: impl Future<Output = T>) -> T {
        match select(pin!(work), pin!(self.look())).await {
            Either::Left((done, _)) => done,
            Either::Right((never, _)) => match never {},
        }
    }

    /// Looks until it is dropped; where it cannot look it only waits.
    async fn look(self) -> std::convert::Infallible {
        let since = Instant::now();
        let Some(pid) = self.pid else { return pending().await };
        tokio::time::sleep(INTERVAL).await;
        let Ok(mut conn) = self.database.connect_aside().await else { return pending().await };
        loop {
            let Some(blockers) = ask(&mut conn, pid).await else { return pending().await };
            if !blockers.is_empty() {
                self.seen.note(&blockers);
                self.options.tell(&Event::Blocked { blockers, waited: since.elapsed() });
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }
}

async fn ask(conn: &mut PgConnection, pid: i32) -> Option<Vec<Blocker>> {
    let query = format!(
        "SELECT a.pid, COALESCE(a.application_name, '') AS application, COALESCE(a.state, '') AS state, \
         COALESCE(a.query, '') AS query, COALESCE(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() \
         OPERATOR(pg_catalog.-) a.xact_start), 0)::pg_catalog.float8 AS seconds FROM pg_catalog.pg_stat_activity AS a \
         WHERE a.pid OPERATOR(pg_catalog.=) ANY (pg_catalog.pg_blocking_pids({pid})) ORDER BY a.xact_start"
    );
    let rows = Message::default().with(Part::Read, &query).send(conn).await.ok()?;
    rows.iter().map(blocker).collect()
}

fn blocker(row: &PgRow) -> Option<Blocker> {
    let seconds: f64 = row.try_get("seconds").ok()?;
    let query: String = row.try_get("query").ok()?;
    let hides = query.to_ascii_uppercase().contains("PASSWORD");
    Some(Blocker {
        pid: row.try_get("pid").ok()?,
        application: row.try_get("application").ok()?,
        state: row.try_get("state").ok()?,
        query: if hides { "(not shown: it names a password)".to_owned() } else { query },
        age: Duration::try_from_secs_f64(seconds).unwrap_or_default(),
    })
}
