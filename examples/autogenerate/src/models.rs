//! What the schema shall be: `cargo migrate new --auto` writes the revisions that make it so.

use migrate_runtime::{Enum, Table};
use sqlx::types::chrono::{DateTime, Utc};

/// Who delivers.
#[derive(Debug, Table, sqlx::FromRow)]
#[table(name = "suppliers")]
pub struct Supplier {
    #[column(primary_key, identity)]
    pub id: i64,
    #[column(unique)]
    pub name: String,
}

/// What is sold.
#[derive(Debug, Table, sqlx::FromRow)]
#[table(name = "products", check = "price_cents >= 0")]
pub struct Product {
    #[column(primary_key, identity)]
    pub id: i64,
    #[column(renamed_from = "name")]
    pub product_name: String,
    #[column(default = "0")]
    pub price_cents: i64,
    #[column(references = "suppliers(id) on delete restrict", index)]
    pub supplier_id: i64,
    pub is_active: bool,
}

/// What was bought.
#[derive(Debug, Table, sqlx::FromRow)]
#[table(name = "orders")]
pub struct Order {
    #[column(primary_key, identity)]
    pub id: i64,
    #[column(references = "products(id)", index)]
    pub product_id: i64,
    #[column(check = "quantity > 0")]
    pub quantity: i32,
    pub state: OrderState,
    #[column(default = "now()")]
    pub ordered_at: DateTime<Utc>,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Enum, sqlx::Type)]
#[sqlx(type_name = "order_state", rename_all = "snake_case")]
pub enum OrderState {
    Placed,
    Paid,
    Shipped,
}
