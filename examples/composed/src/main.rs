//! An application that includes the revisions of a library in its own: those of `job-queue`, in the folder `library`.
//!
//! `migrations::upgrade` applies both. The trigger of the application's second revision writes into a table of the library's
//! first, and says so in its header: `depends-on: job_queue::20260801090000`. The compiler checks that the library has that
//! revision, and it is applied before, whatever else is pending.
//!
//! ```text
//! $ export DATABASE_URL=postgres://postgres@localhost/shop
//! $ cargo run --package composed
//! $ cargo migrate --package composed status
//! $ cargo migrate --package composed downgrade job-queue@base
//! ```

use std::env;
use std::error::Error;

use sqlx::postgres::PgPool;

mod migrations {
    migrate_runtime::include_migrations!();
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("DATABASE_URL").map_err(|_| "set DATABASE_URL to a database of your own")?;
    let pool = PgPool::connect(&url).await?;
    let report = migrations::upgrade(&pool).await?;
    for step in &report.steps {
        println!("{} {}", step.revision, step.summary);
    }
    println!("database {report}");

    sqlx::query("INSERT INTO orders (customer) VALUES ('Ada'), ('Grace')").execute(&pool).await?;
    while let Some(job) = job_queue::take(&pool, "confirmations").await? {
        println!("confirmed the order of {}", job.payload);
        job_queue::finish(&pool, &job).await?;
    }
    Ok(())
}
