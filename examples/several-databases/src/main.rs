//! A shop that keeps its users in one database and their orders in another, and upgrades both when it starts.
//!
//! Each database has a section in `Cargo.toml`, a folder, a line in `build.rs`, and a module here:
//!
//! ```text
//! [package.metadata.migrate.users]    migrations/users    USERS_DATABASE_URL    mod users
//! [package.metadata.migrate.orders]   migrations/orders   ORDERS_DATABASE_URL   mod orders
//! ```
//!
//! ```sh
//! export USERS_DATABASE_URL=postgres://postgres@localhost/users
//! export ORDERS_DATABASE_URL=postgres://postgres@localhost/orders
//! cargo run -p several-databases
//! ```
//!
//! The command line is told which one, or takes each in turn:
//!
//! ```sh
//! cargo migrate status --all
//! cargo migrate upgrade -n orders
//! cargo migrate new -n users "users have names"
//! ```
//!
//! No transaction spans two databases: each upgrade stands or fails alone, and the program serves when both have
//! succeeded. So a revision of one must not rely on what a revision of the other does. Both URLs may lead to one database,
//! on a developer's machine say: the rows of the version table are told apart by the names.

/// The revisions of the users.
pub mod users {
    migrate_runtime::include_migrations!("users");
}

/// The revisions of the orders.
pub mod orders {
    migrate_runtime::include_migrations!("orders");
}

use migrate_runtime::{Migrations, Options};
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use std::env;
use std::process::ExitCode;
use std::time::Duration;

type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    // Both at once. One that fails does not cut the other off: what that one can do is done, and both are told.
    let opened = tokio::join!(
        open("users", "USERS_DATABASE_URL", &users::MIGRATIONS, Options::default()),
        // The same limit as the command line has from Cargo.toml.
        open(
            "orders",
            "ORDERS_DATABASE_URL",
            &orders::MIGRATIONS,
            Options::default().lock_timeout(Duration::from_secs(5))
        ),
    );
    let (users, orders) = match opened {
        (Ok(users), Ok(orders)) => (users, orders),
        (Err(users), Err(orders)) => return Err(format!("{users}\n{orders}").into()),
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    let buyer: i64 = sqlx::query_scalar(
        "INSERT INTO users (email) VALUES ('ada@example.com')
         ON CONFLICT (email) DO UPDATE SET left_at = NULL
         RETURNING id",
    )
    .fetch_one(&users)
    .await?;
    sqlx::query("INSERT INTO orders (buyer, article) VALUES ($1, 'tea')").bind(buyer).execute(&orders).await?;
    let n_orders: i64 =
        sqlx::query_scalar("SELECT count(*) FROM orders WHERE buyer = $1").bind(buyer).fetch_one(&orders).await?;
    println!("user {buyer} has ordered {n_orders} times");
    Ok(())
}

/// Upgrades the database that a variable names, and connects to it.
async fn open(name: &str, variable: &str, migrations: &Migrations, options: Options) -> Result<PgPool> {
    let url =
        env::var(variable).map_err(|_| format!("{variable} names no database, as in postgres://me@host/{name}"))?;
    // What could not be read may hold a password, and is not repeated.
    let database: PgConnectOptions = url.parse().map_err(|_| format!("{variable} is not the URL of a database"))?;
    let upgraded = migrations.with(options).upgrade(&database).await;
    let report = upgraded.map_err(|error| format!("database of the {name}: {error}"))?;
    println!("database of the {name} {report}");
    Ok(PgPool::connect_with(database).await?)
}
