//! Whether the session on the server is ours alone, or lent by a pooler for one transaction at a time.

use std::future::Future;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use sqlx::Row as _;
use sqlx::postgres::PgConnection;

use crate::postgres::error::Error;
use crate::postgres::message::{Failed, Message, Part, database_error};
use crate::postgres::session::Session;
use crate::postgres::step::{GUARD_RAISED, Stop, Task};

/// How long a connection may take; a pooler whose sessions are all lent lets it wait.
const PATIENCE: Duration = Duration::from_secs(2);

/// Opens a transaction that keeps its session; on a standby too, which the step itself will tell.
const ASIDE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// How often our connection must be answered before one that came earlier, to believe that it did not wait.
const OVERTAKEN: usize = 5;

/// How often the sessions that a pooler lends are compared: other clients may hide that ours is lent again.
const ROUNDS: usize = 16;

/// What a pooler says of a connection that asks for something it does not know, or of one too many.
const PROTOCOL_VIOLATION: &str = "08P01";

/// What a second connection tells of the first.
#[derive(Debug)]
enum Way {
    /// It leads to the server itself.
    Direct,
    /// A pooler is in between.
    Pooled,
    /// There is no second connection to be had.
    Unknown,
}

/// What comparing sessions has told.
#[derive(Debug)]
enum Lent {
    /// For as long as the connection is open.
    Session,
    /// For a transaction.
    Transaction,
    /// Another run has the lock, and its messages would hide which.
    Busy,
    /// All sessions are in use, and for long.
    Exhausted,
    /// Our connection was not answered in time while those of the look kept theirs.
    Waited,
    /// Our connection did not survive the look.
    Failed(Failed),
}

impl Session<'_> {
    /// Refuses a pooler in transaction mode. Where it cannot be told, the lock is looked for with every record.
    pub(crate) async fn refuse_pooler(&mut self, task: Task<'_>) -> Result<(), Stop> {
        if self.is_direct {
            return Ok(());
        }
        let lent = match self.way().await {
            Way::Direct => Lent::Session,
            Way::Pooled => self.compare().await,
            Way::Unknown => return Ok(()),
        };
        let (revision, file) = (task.migration.id().to_owned(), task.action.file().to_owned());
        match lent {
            Lent::Session => self.is_direct = true,
            Lent::Busy => return Err(Stop::Busy),
            Lent::Transaction => return Err(Error::Pooler { revision, file }.into()),
            Lent::Exhausted => return Err(Stop::Retry(Box::new(Error::PoolerInUse { revision, file }))),
            Lent::Failed(failed) => return Err(task.stop(failed)),
            Lent::Waited => return Err(Stop::Retry(Box::new(Error::PoolerInUse { revision, file }))),
        }
        Ok(())
    }

    /// A setting that a connection asks for when it is opened is what a reset leads back to on a session of its own, and
    /// never on one that was opened before and is lent: a pooler ignores it, sets it afterwards, or refuses the connection.
    async fn way(&self) -> Way {
        // Random: a pooler that passes it on may lend that session to another starter later.
        let mark = RandomState::new().build_hasher().finish().to_string();
        let (marked, is_refused) = match self.database.connect_marked("migrate.direct", &mark).await {
            Ok(conn) => (Some(conn), false),
            Err(error) => (None, is_violation(&error)),
        };
        if let Some(mut conn) = marked {
            let query = "SELECT pg_catalog.current_setting('migrate.direct', true) AS mark";
            let look = Message::default().with(Part::Open, "RESET ALL").with(Part::Read, query);
            let rows = in_time(look.send(&mut conn)).await;
            return match rows {
                Some(Ok(rows)) => {
                    let seen: Option<String> = rows.first().and_then(|row| row.try_get("mark").ok());
                    if seen.is_some_and(|seen| seen == mark) { Way::Direct } else { Way::Pooled }
                }
                // Every session is lent already.
                None => Way::Pooled,
                Some(Err(_)) => Way::Unknown,
            };
        }
        match self.database.connect_aside().await {
            Ok(_) => Way::Pooled,
            Err(error) if is_refused && is_violation(&error) => Way::Pooled,
            Err(_) => Way::Unknown,
        }
    }

    /// Compares our session with those that others get while it is not in use: it is lent for a transaction when it is
    /// somebody else's then, or when the next message arrives on another. It is done under the lock of the run, held in a
    /// transaction, so that of many starters only one compares at a time.
    async fn compare(&mut self) -> Lent {
        let connected = (self.database.connect_aside().await, self.database.connect_aside().await);
        let (Ok(mut keeper), Ok(mut other)) = connected else { return Lent::Exhausted };
        let lock = Message::default().with(Part::Open, ASIDE).with(Part::Lock, &self.frame.lock.for_transaction());
        match self.unless_ours_is_first(lock.send(&mut keeper)).await {
            Ok(Ok(_)) => {}
            Ok(Err(failed)) if failed.part == Part::Lock && failed.code() == Some(GUARD_RAISED) => return Lent::Busy,
            Ok(Err(_)) => return Lent::Exhausted,
            Err(lent) => return lent,
        }
        let lent = self.compare_with(&mut other).await.unwrap_or_else(|lent| lent);
        // Given back before it is taken for the step; a closed connection gives it back too, but later.
        let _ = in_time(Message::default().with(Part::Commit, "COMMIT").send(&mut keeper)).await;
        drop((keeper, other));
        match lent {
            // It was for one of their sessions that ours has waited, unless the server is slow for everybody.
            Lent::Waited => self.pid().await.map_or_else(|lent| lent, |_| Lent::Transaction),
            lent => lent,
        }
    }

    async fn compare_with(&mut self, other: &mut PgConnection) -> Result<Lent, Lent> {
        let ours = self.pid().await?;
        for _ in 0..ROUNDS {
            let opening = Message::default().with(Part::Open, ASIDE);
            let Ok(theirs) = self.unless_ours_is_first(read_pid(opening, other)).await? else {
                return Ok(Lent::Exhausted);
            };
            // Where the session is lent for a transaction only it may have to wait for one that is free.
            let meanwhile = self.pid().await;
            let _ = in_time(Message::default().with(Part::Commit, "COMMIT").send(other)).await;
            let (meanwhile, afterwards) = (meanwhile?, self.pid().await?);
            if [theirs, meanwhile, afterwards] != [theirs, ours, ours] || theirs == ours {
                return Ok(Lent::Transaction);
            }
        }
        Ok(Lent::Session)
    }

    /// What another connection is told. A pooler serves those that wait in the order in which they came, but for those that
    /// arrive in the very moment when a session becomes free: when our connection is answered first, and again, it has a
    /// session of its own and need not wait for one.
    async fn unless_ours_is_first<T>(&mut self, theirs: impl Future<Output = T>) -> Result<T, Lent> {
        let mut theirs = pin!(theirs);
        if let Some(told) = in_time(theirs.as_mut()).await {
            return Ok(told);
        }
        for _ in 0..OVERTAKEN {
            let ours = pin!(self.pid());
            match select(theirs.as_mut(), ours).await {
                Either::Left((told, _)) => return Ok(told),
                Either::Right((Ok(_), _)) => {}
                Either::Right((Err(lent), _)) => return Err(lent),
            }
        }
        Err(Lent::Session)
    }

    /// What our connection is told in time.
    async fn pid(&mut self) -> Result<i32, Lent> {
        match in_time(read_pid(Message::default(), &mut self.conn)).await {
            None => Err(Lent::Waited),
            Some(Err(failed)) => Err(Lent::Failed(failed)),
            Some(Ok(pid)) => Ok(pid),
        }
    }
}

/// None when it took too long.
async fn in_time<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(PATIENCE, work).await.ok()
}

fn is_violation(error: &sqlx::Error) -> bool {
    database_error(error).is_some_and(|error| error.code() == PROTOCOL_VIOLATION)
}

async fn read_pid(message: Message, conn: &mut PgConnection) -> Result<i32, Failed> {
    let rows = message.with(Part::Read, "SELECT pg_catalog.pg_backend_pid() AS pid").send(conn).await?;
    let pid = rows.first().map_or(Err(sqlx::Error::RowNotFound), |row| row.try_get("pid"));
    pid.map_err(|source| Failed { part: Part::Read, offset: None, source, rows })
}
