//! Upgrades the database and shows what is for sale: see the library for what it is about.

use autogenerate::migrations::MIGRATIONS;
use autogenerate::models::{Order, OrderState, Product, Supplier};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};
use std::env;
use std::process::ExitCode;

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
    let url = env::var("DATABASE_URL").map_err(|_| "DATABASE_URL names no database, as in postgres://me@host/shop")?;
    // What could not be read may hold a password, and is not repeated.
    let options: PgConnectOptions = url.parse().map_err(|_| "DATABASE_URL is not the URL of a database")?;
    let report = MIGRATIONS.upgrade(&options).await?;
    println!("database {report}");
    let mut conn = PgConnection::connect_with(&options).await?;
    let suppliers: Vec<Supplier> = sqlx::query_as("SELECT * FROM suppliers ORDER BY id").fetch_all(&mut conn).await?;
    for supplier in suppliers {
        println!("\n{}", supplier.name);
        show_products(&supplier, &mut conn).await?;
    }
    Ok(())
}

async fn show_products(supplier: &Supplier, conn: &mut PgConnection) -> Result<()> {
    let products: Vec<Product> =
        sqlx::query_as("SELECT * FROM products WHERE supplier_id = $1 AND is_active ORDER BY product_name")
            .bind(supplier.id)
            .fetch_all(&mut *conn)
            .await?;
    for product in products {
        let orders: Vec<Order> = sqlx::query_as("SELECT * FROM orders WHERE product_id = $1 ORDER BY ordered_at")
            .bind(product.id)
            .fetch_all(&mut *conn)
            .await?;
        let paid: i32 = orders.iter().filter(|order| order.state >= OrderState::Paid).map(|order| order.quantity).sum();
        let (whole, cents) = (product.price_cents / 100, product.price_cents % 100);
        println!("  {:<12} {whole:>5}.{cents:02}  {paid} sold", product.product_name);
    }
    Ok(())
}
