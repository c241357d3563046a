//! A library that ships its own revisions: a job queue in Postgres.
//!
//! An application that uses it includes its revisions in its own, in build.rs:
//!
//! ```ignore
//! migrate_build::Config::new().include_crate("job_queue").compile("migrations")
//! ```
//!
//! and upgrades both with its own `migrations::upgrade`. The rows of the library stay under the key `job-queue`; a version of
//! the library with new revisions brings them along. The example `composed` is such an application.

use sqlx::{PgExecutor, Row as _};

/// The revisions. An application that includes them needs this module to be public.
pub mod migrations {
    migrate_runtime::include_migrations!();
}

/// A job that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: i64,
    /// What is to be done, as whoever queued it has it.
    pub payload: String,
    /// How often it was taken, this time included.
    pub attempts: i32,
}

/// Puts a job into a queue.
///
/// # Errors
///
/// When the database refuses the statement.
pub async fn push(database: impl PgExecutor<'_>, queue: &str, payload: &str) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO jobs (queue, payload) VALUES ($1, $2)")
        .bind(queue)
        .bind(payload)
        .execute(database)
        .await?;
    Ok(())
}

/// Takes the oldest job that nobody has taken. It is given to nobody else for a minute; whoever has done it says
/// [`finish`].
///
/// # Errors
///
/// When the database refuses the statement.
pub async fn take(database: impl PgExecutor<'_>, queue: &str) -> sqlx::Result<Option<Job>> {
    let row = sqlx::query(
        "UPDATE jobs SET taken_until = now() + interval '1 minute', attempts = attempts + 1 WHERE id = (\
             SELECT id FROM jobs WHERE queue = $1 AND (taken_until IS NULL OR taken_until < now()) \
             ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) \
         RETURNING id, payload, attempts",
    )
    .bind(queue)
    .fetch_optional(database)
    .await?;
    row.map(|row| {
        Ok(Job { id: row.try_get("id")?, payload: row.try_get("payload")?, attempts: row.try_get("attempts")? })
    })
    .transpose()
}

/// Takes a job off its queue for good.
///
/// # Errors
///
/// When the database refuses the statement.
pub async fn finish(database: impl PgExecutor<'_>, job: &Job) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM jobs WHERE id = $1").bind(job.id).execute(database).await?;
    Ok(())
}
