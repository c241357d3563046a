//! The markers by which `cargo migrate` finds the models of a package. Use them as `migrate_runtime::{Table, Enum}`.

use proc_macro::TokenStream;

/// Marks a struct as a table.
#[proc_macro_derive(Table, attributes(table, column, sqlx))]
pub fn table(_: TokenStream) -> TokenStream {
    TokenStream::new()
}

/// Marks an enum as a type of the database.
#[proc_macro_derive(Enum, attributes(enumeration, variant, sqlx))]
pub fn enumeration(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
