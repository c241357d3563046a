//! A shop whose schema is described by structs: `src/models.rs` says what it shall be, and its revisions were written by
//! `cargo migrate new --auto`.
//!
//! ```text
//! create_catalog         empty → suppliers, products
//! add_orders             a table, with an enum
//! products_are_active    a column that refuses NULL, where there are rows: its author wrote what they get
//! rename_product_names   products.name → product_name, as `renamed_from` in the model says; the data stays
//! ```
//!
//! With a database of yours in `DATABASE_URL`, the program upgrades it and shows what is for sale:
//!
//! ```sh
//! export DATABASE_URL=postgres://postgres@localhost/shop
//! cargo run -p autogenerate
//! ```
//!
//! From this folder, after a change of the models:
//!
//! ```sh
//! cargo migrate check                         # exits with 5 and says what the revisions lack
//! cargo migrate new --auto "what it is about" # writes it; read it before it is applied
//! cargo migrate upgrade
//! ```

pub mod models;

/// The revisions in the folder `migrations`, compiled into this program.
pub mod migrations {
    migrate_runtime::include_migrations!();
}
