//! The advisory lock: its key, its guard, and how to wait for it without ever holding a snapshot.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

use sqlx::Row as _;
use sqlx::postgres::PgRow;

use crate::checksum::Checksum;
use crate::postgres::message::guard;
use crate::postgres::version_table::VersionTable;

/// Who holds the lock.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holder {
    /// The process id of its session on the server.
    pub pid: i32,
    /// The `application_name` of its session; empty when it has none.
    pub application: String,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.application.as_str() {
            "" => write!(f, "pid {}", self.pid),
            application => write!(f, "pid {} (application \"{application}\")", self.pid),
        }
    }
}

/// The lock of a version table.
///
/// It is tried and never waited for: a waiting statement holds a snapshot, and `CREATE INDEX CONCURRENTLY` in the holder
/// waits for all snapshots, so the two would wait for each other (Postgres manual, CREATE INDEX, "Building Indexes
/// Concurrently").
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lock {
    key: i64,
}

impl Lock {
    /// The key comes from the table's name, so that tenants with tables of their own do not wait for each other.
    pub(crate) fn new(table: &VersionTable) -> Self {
        let (schema, name) = table.names();
        let digest = Checksum::of_tokens(["cargo migrate", schema, name]);
        let mut key = [0; 8];
        key.copy_from_slice(&digest.as_bytes()[..8]);
        Self { key: i64::from_be_bytes(key) }
    }

    /// Takes the lock for this transaction, or raises.
    pub(crate) fn for_transaction(self) -> String {
        self.or_raise("pg_try_advisory_xact_lock")
    }

    /// Takes the lock for this session, or raises.
    pub(crate) fn for_session(self) -> String {
        self.or_raise("pg_try_advisory_lock")
    }

    fn or_raise(self, function: &str) -> String {
        guard(&format!("pg_catalog.{function}({}::pg_catalog.int8)", self.key), "migrate: the lock is held")
    }

    pub(crate) fn unlock_session(self) -> String {
        format!("SELECT pg_catalog.pg_advisory_unlock({}::pg_catalog.int8)", self.key)
    }

    /// Raises unless this very session holds the lock.
    pub(crate) fn is_ours(self) -> String {
        let ours = format!(
            "EXISTS (SELECT FROM ({}) AS held WHERE held.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid())",
            self.holder()
        );
        guard(&ours, "migrate: the lock is not held")
    }

    /// Names the holder; no row when the lock is free. A 64-bit key is shown in two halves with `objsubid` 1 (Postgres
    /// manual, 54.12).
    pub(crate) fn holder(self) -> String {
        let [high, low] = [self.key.cast_unsigned() >> 32, self.key.cast_unsigned() & 0xffff_ffff];
        format!(
            "SELECT l.pid, COALESCE((SELECT a.application_name FROM pg_catalog.pg_stat_activity AS a WHERE a.pid \
             OPERATOR(pg_catalog.=) l.pid), '') AS application FROM pg_catalog.pg_locks AS l WHERE l.locktype \
             OPERATOR(pg_catalog.=) 'advisory' AND l.granted AND l.objsubid OPERATOR(pg_catalog.=) 1 AND \
             l.classid::pg_catalog.int8 OPERATOR(pg_catalog.=) {high}::pg_catalog.int8 AND l.objid::pg_catalog.int8 \
             OPERATOR(pg_catalog.=) {low}::pg_catalog.int8 AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid FROM \
             pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())"
        )
    }

    pub(crate) fn read_holder(row: &PgRow) -> Result<Holder, sqlx::Error> {
        Ok(Holder { pid: row.try_get("pid")?, application: row.try_get("application")? })
    }
}

/// Pauses between tries: they grow by half from 20 ms to 1 s, each cut by up to a half at random so that many starters
/// spread. So what comes in late comes late by a third of what it has waited.
#[derive(Debug)]
pub(crate) struct Backoff {
    since: Instant,
    limit: Duration,
    pause: Duration,
}

impl Backoff {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { since: Instant::now(), limit, pause: Duration::from_millis(20) }
    }

    pub(crate) fn waited(&self) -> Duration {
        self.since.elapsed()
    }

    /// The next pause, or `None` when the deadline is past.
    pub(crate) fn next(&mut self) -> Option<Duration> {
        let left = self.limit.checked_sub(self.waited()).filter(|left| !left.is_zero())?;
        let pause = self.pause.mul_f64(0.5 + fraction() / 2.0);
        self.pause = (self.pause * 3 / 2).min(Duration::from_secs(1));
        Some(pause.min(left))
    }
}

/// A random number from 0 to 1, from the seed that every hash map of the standard library gets.
fn fraction() -> f64 {
    let random = u32::try_from(RandomState::new().build_hasher().finish() >> 32).unwrap_or(u32::MAX);
    f64::from(random) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Backoff, Lock};
    use crate::postgres::version_table::VersionTable;

    #[test]
    fn tables_have_locks_of_their_own() {
        let one = Lock::new(&VersionTable::default()).key;
        assert_eq!(one, Lock::new(&VersionTable::default()).key);
        assert_ne!(one, Lock::new(&VersionTable::new("tenant", "migrate_revisions").unwrap()).key);
    }

    #[test]
    fn pauses_grow_and_end_at_the_deadline() {
        let mut backoff = Backoff::new(Duration::from_secs(3600));
        let pauses: Vec<_> = (0..12).map(|_| backoff.next().unwrap()).collect();
        assert!(pauses[0] <= Duration::from_millis(20) && pauses[0] >= Duration::from_millis(10));
        assert!(pauses[11] >= Duration::from_millis(500) && pauses[11] <= Duration::from_secs(1));
        assert_eq!(Backoff::new(Duration::ZERO).next(), None);
    }
}
